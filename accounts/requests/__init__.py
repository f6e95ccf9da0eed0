"""Requests: how people get what they may not take, and who decides about it."""
