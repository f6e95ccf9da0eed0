"""Providers by which people sign in (SSO), and whose account there belongs to which identity here."""
