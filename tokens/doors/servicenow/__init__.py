"""The door that speaks ServiceNow's Table API, as its own clients expect it."""
