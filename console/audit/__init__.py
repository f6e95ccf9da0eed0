"""The pages of the audit log: what happened, found by who, what, where and when."""
