from django.db import models
from django.utils.translation import gettext_lazy as _


class Cause(models.TextChoices):
    """Why an account changes hands. Who left owns it no more; who offers it does until then."""

    LEFT = "left", _("Its owner left")
    OFFERED = "offered", _("Its owner hands it over")


class Right(models.TextChoices):
    """Why it comes to this person."""

    SUCCESSOR = "successor", _("Named as the successor")
    MANAGER = "manager", _("Manager of the owner before")
    NAMED = "named", _("Named by the owner before")


class State(models.TextChoices):
    WAITING = "waiting", _("Waits for an answer")
    CONFIRMED = "confirmed", _("Taken over")
    PASSED_ON = "passed_on", _("Offered to somebody else")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    OVER = "over", _("No longer needed")
