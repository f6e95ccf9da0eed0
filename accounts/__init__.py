"""What exists in a tenant: identities, service accounts and the record of what happened to them."""
