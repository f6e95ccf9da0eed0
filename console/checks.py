"""Checks of our own, run by `manage.py check` and at every start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.utils.module_loading import import_string


@register()
def upkeep_can_be_called(
    app_configs: Sequence[AppConfig] | None, **_kwargs: Any
) -> list[CheckMessage]:
    """A slip in the list would otherwise show only in the log of the worker."""
    del app_configs
    problems: list[CheckMessage] = []
    for name in settings.UPKEEP:
        try:
            found = import_string(name)
        except ImportError as error:
            problems.append(Error(f"UPKEEP names {name}: {error}", id="steward.E001"))
        else:
            if not callable(found):
                problems.append(Error(f"UPKEEP names {name}, no function", id="steward.E001"))
    return problems
