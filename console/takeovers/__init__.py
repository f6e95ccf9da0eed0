"""The pages of service accounts that change hands: what waits for a new owner, and handing over."""
