"""How often one client may call: the vendor's limit, which is that of all our doors.

Not by version of the interface as well: the caller chooses that, and each would be another hundred.
"""

from __future__ import annotations

from typing import Final

from tokens.edge.rate import Limit

limit: Final = Limit()
