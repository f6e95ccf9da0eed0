from __future__ import annotations

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from accounts.roles.models import Role


def matching(text: str) -> QuerySet[Role]:
    """Roles that hold a text in name, description or scopes; all of them without one."""
    if not text:
        return Role.objects.all()
    # a JSON list as text: whoever looks for a scope finds the roles that carry it
    found = Q(name__icontains=text) | Q(description__icontains=text)
    rows = Role.objects.annotate(carried=Cast("scopes", TextField()))
    return rows.filter(found | Q(carried__icontains=text))
