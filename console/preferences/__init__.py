"""How somebody likes the console to look; kept in their browser."""
