"""The doors for machines, one folder a dialect; each only translates."""
