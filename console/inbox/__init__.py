"""The pages of the inbox: messages of managed mailboxes and phone numbers, and its settings."""
