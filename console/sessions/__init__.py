"""Where somebody is signed in: listed, and ended one by one or all at once."""
