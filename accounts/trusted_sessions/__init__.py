"""Trusted sessions: the browsers of a person that hold a key of their own, and the recovery key."""
