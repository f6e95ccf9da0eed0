"""Delimited files as the world makes them."""
