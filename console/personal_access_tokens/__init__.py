"""Personal access tokens: the list of all, one's own and those of service accounts, and the secret shown once."""
