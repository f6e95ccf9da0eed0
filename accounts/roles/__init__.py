"""Roles: what a group gives to its members, scopes and console permissions, and roles within it."""
