"""Configuration moves between environments as one bundle: exported, planned, imported."""
