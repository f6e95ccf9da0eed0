"""Everything that a person sees, and how the whole is started."""
