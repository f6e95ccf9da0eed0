"""The door that speaks PingOne Advanced Identity Cloud, as its own clients expect it."""
