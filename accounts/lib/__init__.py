"""Small parts that know nothing of Steward: errors, a registry, one-time secrets, clean text."""
