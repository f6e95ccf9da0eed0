"""Identity profiles, their mappings, and how source accounts become identities."""
