"""Tags of the design system. What each is for stands in the template that it renders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from lucide import _render_icon  # the tag of the package calls the same, but remembers nothing

from accounts.models import Event
from console.ui import charts, events, looks, times

register = template.Library()


@lru_cache(maxsize=2048)
def _icon(name: str, size: int, label: str, classes: str) -> SafeString:
    spoken = {"role": "img", "aria_label": label} if label else {"aria_hidden": "true"}
    drawn = _render_icon(name, size, **{"class": classes, "focusable": "false", **spoken})
    drawn = " ".join(drawn.split()).replace("> <", "><")
    return mark_safe(drawn)  # noqa: S308  # made by ElementTree, which escapes the attributes


@register.simple_tag
def icon(name: str, size: int = 16, label: str = "", cls: str = "") -> SafeString:
    """A lucide icon. Silent unless it has a label: a word stands beside it."""
    return _icon(str(name), int(size), str(label), f"icon {cls}".strip())


@register.simple_tag
def when(at: datetime | None, missing: str = "") -> str:
    """How long ago, or in how long; the exact time on hover and in print."""
    if at is None:
        return conditional_escape(missing or _("Never"))
    return format_html(
        '<time datetime="{}" title="{}" data-relative>{}</time>',
        times.machine(at),
        times.exact_to_the_second(at),
        times.relative(at, timezone.now()),
    )


@register.filter
def refused_by(event: Event) -> str:
    """Which part of somebody's rights refused; empty where the event does not say."""
    return events.refused_by(event)


@register.simple_tag
def exact(at: datetime | None, missing: str = "") -> str:
    """Date, time and zone; how long ago on hover."""
    if at is None:
        return conditional_escape(missing or _("Never"))
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        times.machine(at),
        times.relative(at, timezone.now()),
        times.exact(at),
    )


@register.simple_tag
def look_of(state: str) -> looks.Look:
    """Tone, icon and word of a state; used by `components/state.html`."""
    return looks.of(state)


@register.filter
def message_tone(level: str) -> str:
    """The tone of a message of django.contrib.messages, by its level tag."""
    return looks.MESSAGE_TONES.get(level, "info")


@register.filter
def tone_icon(tone: str) -> str:
    return looks.TONE_ICONS[tone]


@register.filter
def shortened(value: object, characters: int = 8) -> str:
    text = str(value)
    return text if len(text) <= characters + 1 else f"{text[:characters]}…"


@register.inclusion_tag("components/sparkline.html")
def sparkline(values: Sequence[float], label: str) -> dict[str, Any]:
    return {
        "points": charts.sparkline_points(values),
        "width": charts.SPARKLINE_WIDTH,
        "height": charts.SPARKLINE_HEIGHT,
        "label": label,
    }


@register.inclusion_tag("components/bar_chart.html")
def bar_chart(rows: Sequence[tuple[str, float]], caption: str, id: str) -> dict[str, Any]:
    bars = charts.bars(rows)
    return {
        "bars": bars,
        "top": charts.scale_top(rows),
        "first": bars[0].label if bars else "",
        "last": bars[-1].label if bars else "",
        "caption": caption,
        "id": id,
    }


@register.simple_block_tag
def panel(
    content: str,
    title: str = "",
    lede: str = "",
    tone: str = "",
    id: str = "",
    flush: bool = False,
) -> SafeString:
    return render_to_string(
        "components/panel.html",
        {"content": content, "title": title, "lede": lede, "tone": tone, "id": id, "flush": flush},
    )


@register.simple_block_tag
def note(content: str, tone: str = "info", title: str = "") -> SafeString:
    return render_to_string(
        "components/note.html",
        {"content": content, "tone": tone, "title": title, "icon_name": looks.TONE_ICONS[tone]},
    )


@register.simple_block_tag
def menu(content: str, id: str, label: str, text: str = "", icon: str = "ellipsis") -> SafeString:
    return render_to_string(
        "components/menu.html",
        {"content": content, "id": id, "label": label, "text": text, "icon_name": icon},
    )


@register.simple_block_tag
def dialog(content: str, id: str, title: str, wide: bool = False) -> SafeString:
    return render_to_string(
        "components/dialog.html", {"content": content, "id": id, "title": title, "wide": wide}
    )
