"""The life-cycle state of one identity, where a person sets it."""
