"""Pages of requests: asking, deciding, and who decides while one is away."""
