"""What every view for programs shares: its mark, its errors, where it was called from."""
