"""Pages around keys: regenerate, revoke, mark as stored, and the owner's own download."""
