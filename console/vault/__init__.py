"""The pages of vaults: stored accounts, who shares them, and passwords shown when asked for."""
