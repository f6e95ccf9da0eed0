"""Background jobs: what is slow, as rows with a lease, progress and a result."""
