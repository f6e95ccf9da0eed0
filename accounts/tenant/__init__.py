"""Settings of the tenant that administrators change in the console."""
