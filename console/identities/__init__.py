"""The pages of identities: their list, each person's own pages, and how people come in."""
