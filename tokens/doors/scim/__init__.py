"""People and groups by SCIM 2.0 (RFC 7643 and 7644), for programs that keep them."""
