"""The page after sign-in: what there is, what cannot wait, and what happened last."""
