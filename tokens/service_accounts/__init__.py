"""Making a service account together with its first key, and what depends on an account."""
