"""The pages of identity profiles: settings, mappings, applying changes, exceptions."""
