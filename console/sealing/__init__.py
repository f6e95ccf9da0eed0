"""The page of the keys by which secrets are sealed: which one seals, and how far rotating is."""
