"""The APIs of this tenant's own, and the scopes that they ask for."""
