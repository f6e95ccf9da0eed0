"""Provisioning clients: directories that keep people and groups by SCIM, and their tokens."""
