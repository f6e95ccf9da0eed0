"""How a browser becomes a trusted session, the list of one's own, and the recovery key."""
