"""The pages of service accounts: the list, each one's own, and the forms that change them."""
