"""Life-cycle states: which there are in a profile, and what entering one does to an identity."""
