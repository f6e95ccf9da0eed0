"""Measures how many tokens a second an instance issues: `make bench`."""
