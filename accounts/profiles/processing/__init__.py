"""Identity processing: from the accounts of a source to a plan, and from the plan to identities."""
