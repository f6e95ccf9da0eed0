from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    """What state a service account is in; derived from its times, never stored."""

    ACTIVE = "active", _("Active")
    DISABLED = "disabled", _("Disabled")
    ENDED = "ended", _("Ended")
    DELETED = "deleted", _("Deleted")


class StatusFilter(models.TextChoices):
    """What the list can be narrowed to."""

    ACTIVE = "active", _("Active")
    DISABLED = "disabled", _("Disabled")
    ENDED = "ended", _("Ended")
    NO_OWNER = "no_owner", _("No owner")
    OWNER_LEFT = "owner_left", _("Its owner left")
