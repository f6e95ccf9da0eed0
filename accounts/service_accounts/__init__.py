"""Service accounts: the governed record of an identity that is not a person."""
