"""Managed mailboxes and phone numbers of stored accounts, and the messages that arrive there."""
