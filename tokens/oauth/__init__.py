"""The OAuth 2.0 endpoints, and the grants by which a token is got."""
