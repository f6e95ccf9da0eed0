"""Credentials: proof that belongs to an identity, such as a key pair."""
