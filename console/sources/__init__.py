"""The pages of sources: their list, configuration, account schema and accounts."""
