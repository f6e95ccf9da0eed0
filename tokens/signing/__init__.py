"""Steward's own signing keys: made, sealed, rotated and published."""
