"""The views of vaults, by what they are about."""
