"""The door that speaks SailPoint Identity Security Cloud, as its own clients expect it."""
