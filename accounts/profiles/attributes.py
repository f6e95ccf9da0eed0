"""Identity attributes: those that every tenant has, and those that it added."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.profiles.models import IdentityAttribute

USER_NAME: Final = "uid"
EMAIL: Final = "email"
LAST_NAME: Final = "lastname"
FIRST_NAME: Final = "firstname"
DISPLAY_NAME: Final = "displayName"
LIFECYCLE_STATE: Final = "cloudLifecycleState"
PURPOSE: Final = "purpose"
MANAGER: Final = "manager"


@dataclass(frozen=True, slots=True)
class AttributeInfo:
    """An identity attribute in words."""

    name: str
    label: str | Promise
    is_required: bool = False
    """An identity without it is incomplete."""
    is_custom: bool = False


DEFAULTS: Final[dict[str, AttributeInfo]] = {
    info.name: info
    for info in (
        AttributeInfo(USER_NAME, _("SailPoint User Name"), is_required=True),
        AttributeInfo(EMAIL, _("Work Email"), is_required=True),
        AttributeInfo(LAST_NAME, _("Last Name"), is_required=True),
        AttributeInfo(FIRST_NAME, _("First Name")),
        AttributeInfo(DISPLAY_NAME, _("Display Name")),
        AttributeInfo(PURPOSE, _("Purpose")),
        AttributeInfo("middleName", _("Middle Name")),
        AttributeInfo("preferredName", _("Preferred Name")),
        AttributeInfo("initials", _("Initials")),
        AttributeInfo("title", _("Title")),
        AttributeInfo("organization", _("Organization")),
        AttributeInfo("department", _("Department")),
        AttributeInfo("costCenter", _("Cost Center")),
        AttributeInfo("location", _("Location")),
        AttributeInfo("locationCode", _("Location Code")),
        AttributeInfo("streetAddress", _("Street Address")),
        AttributeInfo("city", _("City")),
        AttributeInfo("state", _("State")),
        AttributeInfo("postalCode", _("Postal Code")),
        AttributeInfo("preferredLanguage", _("Preferred Language")),
        AttributeInfo("timezone", _("Timezone")),
        AttributeInfo(LIFECYCLE_STATE, _("Lifecycle State")),
        AttributeInfo("identityState", _("Identity State")),
        AttributeInfo("phone", _("Phone")),
        AttributeInfo(MANAGER, _("Manager")),
    )
}
"""The four of every mapping first, then the newer defaults. A purpose is for service accounts."""

FIRST_MAPPED: Final = (USER_NAME, EMAIL, LAST_NAME, FIRST_NAME)
"""The rows that the Mappings tab begins with."""


def known() -> dict[str, AttributeInfo]:
    """All attributes by technical name: the defaults, then the tenant's own by label."""
    own = IdentityAttribute.objects.order_by("label", "name")
    return DEFAULTS | {row.name: AttributeInfo(row.name, row.label, is_custom=True) for row in own}
