"""The page of the tenant's time zone, which says when scheduled jobs run."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.authorization.permissions import Permission
from accounts.jobs.clock import next_time
from accounts.models import Schedule
from accounts.tenant import time_zone as zones
from console.ui import times
from console.ui.access import ConsoleRequest, requires


class TimeZoneForm(forms.Form):
    time_zone = forms.CharField(
        label=gettext_lazy("Time zone"),
        help_text=gettext_lazy("By its name in the IANA database, such as Europe/Berlin or UTC."),
        max_length=60,
        error_messages={"required": gettext_lazy("Type a time zone, such as Europe/Berlin.")},
        widget=forms.TextInput(
            attrs={"list": "time-zones", "autocomplete": "off", "spellcheck": "false"}
        ),
    )


@requires(Permission.TENANT_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def time_zone(request: ConsoleRequest) -> HttpResponse:
    """Choose the zone, seeing when what is scheduled comes next by it."""
    current = zones.time_zone()
    form = TimeZoneForm(request.POST or None, initial={"time_zone": current.key})
    if form.is_valid():
        name = form.cleaned_data["time_zone"]
        try:
            zones.set_time_zone(by=request.user, name=name, at=timezone.now())
        except zones.UnknownTimeZone as error:
            form.add_error("time_zone", error.message)
        else:
            messages.success(
                request, _("Scheduled jobs run by the clock of %(zone)s.") % {"zone": name}
            )
            return redirect("tenant:settings")
    context = {
        "form": form,
        "zones": sorted(available_timezones()),
        "scheduled": _scheduled(current),
    }
    return render(request, "tenant/time_zone.html", context)


def _scheduled(zone: ZoneInfo) -> list[dict[str, Any]]:
    now = timezone.now()
    found = []
    for schedule in Schedule.objects.order_by("name", "pk"):
        with timezone.override(zone):
            next_at = times.exact(next_time(schedule.times, zone, now, schedule.weekdays))
        found.append({"label": str(schedule), "value": next_at})
    return found
