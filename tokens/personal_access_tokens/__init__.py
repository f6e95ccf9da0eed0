"""Personal access tokens: an id and a secret that an identity trades for access tokens."""
