"""Vaults, and the accounts of outside applications whose passwords are kept in them."""
