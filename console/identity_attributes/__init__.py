"""The identity attributes: those that every tenant has, and those that this one added."""
