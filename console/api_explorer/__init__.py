"""Find a call of any of the programming interfaces, fill it in, and try it on real data."""
