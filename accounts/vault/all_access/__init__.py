"""All-Access Mode: for a while and for a reason, every stored account can be opened."""
