"""Sessions of the console: where somebody is signed in, since when, and from what device."""
