"""Sources that are read from a directory, against a real OpenLDAP server."""
