"""Whether this installation works, and its figures, for the programs that watch it."""
