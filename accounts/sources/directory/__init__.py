"""Talking to a directory by LDAP: where to, how safely, and what its values mean as text."""
