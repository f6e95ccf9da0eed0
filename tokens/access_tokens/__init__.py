"""Access tokens: their claims, issuing, verifying and revoking."""
