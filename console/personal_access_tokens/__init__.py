"""Personal access tokens: one's own, those of service accounts, and the secret shown once."""
