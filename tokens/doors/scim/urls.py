"""One view for all below the root: scim2-server tells the addresses apart."""

from __future__ import annotations

import re
from typing import Final

from django.urls import re_path

from tokens.doors.scim.calls import view

ADDRESSES: Final = re.compile(r"scim/v2(?:/|\Z)")
"""How every address of this door begins, after its first slash; no page's does."""

urlpatterns = [re_path(r"^(?P<path>/.*)?\Z", view)]
