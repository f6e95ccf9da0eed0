"""The API Explorer: what the doors' OpenAPI documents describe, and one call of it tried."""
