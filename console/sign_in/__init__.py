"""How people sign in and out."""
