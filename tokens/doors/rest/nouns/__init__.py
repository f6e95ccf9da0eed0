"""The operations of our REST API, one file a noun."""
