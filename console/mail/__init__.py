"""Mail about identities, and the outbox that keeps it where no mail server is set."""
