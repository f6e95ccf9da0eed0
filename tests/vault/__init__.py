"""Vaults and stored accounts."""
