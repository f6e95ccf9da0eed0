"""The views of trusted sessions, by what they are about."""
