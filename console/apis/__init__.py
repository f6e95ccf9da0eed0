"""The pages on which administrators add APIs of the tenant's own and their scopes."""
