"""Where accounts are read from: sources, their account schema, and the accounts themselves."""
