from __future__ import annotations

import re
from typing import Final

from django.urls import path

from tokens.doors.inbox import webhooks

ADDRESSES: Final = re.compile(r"inbound/(?:mail/[^/]+|sms/twilio)\Z")
"""Every address of this door, after its first slash; no page's is one."""

urlpatterns = [
    path("inbound/mail/<slug:provider>", webhooks.mail),
    path("inbound/sms/twilio", webhooks.sms),
]
