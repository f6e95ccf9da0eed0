"""The catalogue of scopes, which scope covers which, and what an account may do in the end."""
