"""Tenant settings: what holds for everybody, the facts of the token service, the scopes."""
