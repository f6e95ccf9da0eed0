"""The pages of life-cycle integrations: outside applications whose accounts follow groups."""
