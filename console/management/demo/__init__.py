"""A believable tenant to look around in, made by the actions that the pages call."""
