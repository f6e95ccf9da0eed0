"""How Steward starts, stops and refuses a bad environment."""
