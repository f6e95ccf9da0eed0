"""Life-cycle integrations: who should have an account in an outside application, kept there."""
