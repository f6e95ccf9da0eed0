"""One's own page: who one is here, what one may do, and one's password."""
