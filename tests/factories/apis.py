from __future__ import annotations

from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.models import ServiceAccount
from tokens.apis import actions
from tokens.apis.actions import ApiDraft, ScopeDraft
from tokens.models import Api, ApiScope

AUDIENCE = "https://payroll.example.com/api"


def make_api(
    name: str = "Payroll",
    audience: str = AUDIENCE,
    description: str = "",
    account: ServiceAccount | None = None,
) -> Api:
    draft = ApiDraft(name, audience, description, account)
    return actions.create(by=SYSTEM, draft=draft, at=timezone.now())


def make_scope(
    api: Api,
    name: str = "pay:read",
    *,
    description: str = "Read payslips.",
    parent: ApiScope | None = None,
    restricted: bool = False,
) -> ApiScope:
    draft = ScopeDraft(description, name, parent, restricted)
    return actions.create_scope(by=SYSTEM, api=api, draft=draft, at=timezone.now())
