"""Lists of words in a JSON column, asked for one of them."""

from __future__ import annotations

import json

from django.db import connection
from django.db.models import Q


def holding(field: str, word: str) -> Q:
    """Rows whose list has this word, which holds no character that JSON would escape.

    SQLite cannot look into the list, so it looks for the word in its quotes; case makes no
    difference there.
    """
    if connection.features.supports_json_field_contains:
        return Q(**{f"{field}__contains": [word]})
    return Q(**{f"{field}__icontains": json.dumps(word)})
