"""What can be proved: scopes, credentials, access tokens; and the doors for machines."""
