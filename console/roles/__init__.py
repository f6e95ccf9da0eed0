"""The pages of roles: what each carries, who has it, and giving it to an identity."""
