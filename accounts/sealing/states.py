from datetime import timedelta
from typing import Final

KIND: Final = "sealing.rewrap"
QUIET: Final = timedelta(hours=1)
"""Longer than any request or transaction: what began while a key still sealed has ended."""
