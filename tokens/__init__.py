"""What can be proved: scopes, credentials, signing keys, access tokens, and the doors for machines."""
