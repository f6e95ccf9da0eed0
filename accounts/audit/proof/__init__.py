"""Proof that the audit log is as it was written: a chain of checkpoints over all of its events."""
