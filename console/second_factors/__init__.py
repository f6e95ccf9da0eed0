"""One's own second factors, and taking them from whoever lost them."""
