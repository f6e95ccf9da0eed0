"""The pages of the programs that depend on service accounts."""
