"""The pages on which configuration is exported, planned and imported as one bundle."""
