"""Measures how much Steward does in a second, and what others do: `make bench`."""
