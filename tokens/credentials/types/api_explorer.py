"""What a call of the API Explorer is made with: no secret proves it, only the console uses it."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

API_EXPLORER: Final = "api_explorer"


class ApiExplorer:
    """The type, as its family knows it."""

    label: str | Promise = _("API Explorer")
