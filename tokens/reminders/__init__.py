"""Reminders: who is told, and when, that a key or an account ends, and the note that it did."""
