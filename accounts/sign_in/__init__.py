"""What the tenant asks of whoever signs in: a second factor, and how long sessions last."""
