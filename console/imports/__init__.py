"""The pages of imports: upload, plan, progress, result and history."""
