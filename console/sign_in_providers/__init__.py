"""The pages of sign-in providers: their set-up, SSO only, and one's own links to them."""
