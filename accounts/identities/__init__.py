"""Who exists in the tenant: people, services and agents, and how they come to sign in."""
