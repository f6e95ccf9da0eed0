"""Our own REST API: what the console can do, for programs, as one OpenAPI document says it."""
