"""The pages of groups: who belongs to them, until when, and which roles that gives."""
