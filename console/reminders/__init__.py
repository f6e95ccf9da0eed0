"""The mail of reminders: how a letter reads, and how it is sent."""
