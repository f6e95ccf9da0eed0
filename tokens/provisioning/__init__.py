"""Clients that keep people and groups by SCIM: service accounts with a token for that door."""
