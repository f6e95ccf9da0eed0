"""Who may do what: permissions, and the user levels that carry them."""
