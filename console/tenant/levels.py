"""The page of the user levels: what each may do, from the table that everything obeys."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.authorization.levels import FORBIDDEN_PAIRS, LEVELS, USER, Level
from accounts.authorization.permissions import IN_WORDS, SUBJECTS, Permission
from accounts.authorization.policies import may
from accounts.identities import queries
from console.ui.access import ConsoleRequest, requires


@requires(Permission.TENANT_VIEW)
@require_safe
def levels(request: ConsoleRequest) -> HttpResponse:
    held = queries.holders_by_level()
    sees_identities = may(request.user, Permission.IDENTITY_VIEW)
    context = {
        "levels": [_column(level, held, linked=sees_identities) for level in LEVELS.values()],
        "subjects": [
            {"title": title, "rows": [_row(permission) for permission in _about(subject)]}
            for subject, title in SUBJECTS.items()
        ],
        "pairs": [
            {"labels": [LEVELS[code].label for code in LEVELS if code in pair.codes], "pair": pair}
            for pair in FORBIDDEN_PAIRS
        ],
    }
    return render(request, "tenant/levels.html", context)


def _column(level: Level, held: dict[str, int], *, linked: bool) -> dict[str, Any]:
    is_basic = level.code == USER
    return {
        "level": level,
        "is_basic": is_basic,
        "count": 0 if is_basic else held.get(level.code, 0),
        "url": f"{reverse('identities:list')}?level={level.code}" if linked else "",
        "subjects": [
            {
                "title": title,
                "said": [IN_WORDS[p] for p in _about(subject) if p in level.permissions],
            }
            for subject, title in SUBJECTS.items()
            if any(p in level.permissions for p in _about(subject))
        ],
    }


def _row(permission: Permission) -> dict[str, Any]:
    return {
        "words": IN_WORDS[permission],
        "cells": [
            {"level": level, "carried": permission in level.permissions}
            for level in LEVELS.values()
        ],
    }


def _about(subject: str) -> list[Permission]:
    return [permission for permission in Permission if permission.subject == subject]
