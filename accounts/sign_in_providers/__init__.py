"""Providers by which people sign in (SSO), and which account there is whose here."""
