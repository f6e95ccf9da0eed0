"""Backups: the database and its keys as one file, and an installation made of one again."""
