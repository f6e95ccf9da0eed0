"""`usernameGenerator`: the first of several patterns whose name nobody has yet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.profiles.transforms.base import (
    Attribute,
    Evaluate,
    Kind,
    Node,
    PlainTransform,
    Run,
    Value,
)
from accounts.profiles.transforms.grammar.template import Template, Variables, template_of

COUNTER: Final = "uniqueCounter"

MAX_CHECKS: Final = 50


class UsernameGenerator(PlainTransform):
    type = "usernameGenerator"
    label = _lazy("Username generator")
    description = _lazy(
        "Tries patterns in order until one gives a user name that nobody has; ${uniqueCounter} "
        "is empty at first, then 1, 2 and so on."
    )
    attributes = (
        Attribute(
            "patterns",
            Kind.TEXTS,
            _lazy("Templates over the variables; the one with the counter last."),
            required=True,
            template=True,
        ),
        Attribute(
            "sourceCheck",
            Kind.BOOLEAN,
            _lazy("Read and kept; names are always looked for here."),
            default=False,
        ),
        Attribute(
            "cloudMaxSize",
            Kind.NUMBER,
            _lazy("Characters; longer names are cut."),
            default=100,
            minimum=1,
            maximum=450,
        ),
        Attribute(
            "cloudMaxUniqueChecks",
            Kind.NUMBER,
            _lazy("How many names to try, at most 50."),
            default=MAX_CHECKS,
            minimum=1,
            maximum=MAX_CHECKS,
        ),
        Attribute("cloudRequired", Kind.BOOLEAN, _lazy("Read and kept."), default=True),
    )
    variables = True
    sample = {
        "type": "usernameGenerator",
        "attributes": {
            "patterns": ["svc-$name", "svc-$name${uniqueCounter}"],
            "name": {"type": "identityAttribute", "attributes": {"name": "lastname"}},
            "cloudMaxUniqueChecks": "20",
        },
    }

    def build(self, node: Node) -> Evaluate:
        node.uses.uniqueness = True
        patterns = _patterns(node)
        most, size = node.number("cloudMaxUniqueChecks") or 1, node.number("cloudMaxSize") or 1
        readers, path = node.variables, node.path

        def candidates(variables: Variables) -> Iterator[str]:
            for template, counting in patterns:
                variables.set(COUNTER, "")
                if any(not variables.optional(n) for n in template.needed if n != COUNTER):
                    continue  # “.doe” is nobody's name
                yield template.render(variables)
                for number in range(1, most if counting else 1):
                    variables.set(COUNTER, str(number))
                    yield template.render(variables)

        def generate(run: Run, given: Value) -> Value:
            tried: set[str] = set()
            variables = Variables(readers, run, given, path)
            for candidate in candidates(variables):
                name = candidate[:size]
                if not name or name in tried:
                    continue
                if not run.subject.is_taken(name):
                    return name
                tried.add(name)
                if len(tried) == most:
                    break
            raise node.error(_failure(len(tried)))

        return generate


def _failure(tried: int) -> str:
    if tried:
        return _("All %(count)d names that the patterns give are taken.") % {"count": tried}
    return _("No pattern can be filled in: a variable of each has no value.")


def _patterns(node: Node) -> list[tuple[Template, bool]]:
    """Each pattern, and whether it counts; nothing comes after one that does."""
    patterns = []
    for place, source in enumerate(node.texts("patterns")):
        at = f"patterns[{place}]"
        counting = COUNTER in source
        patterns.append((template_of(node, source, at=at, besides=(COUNTER,)), counting))
        if counting and place + 1 < len(node.texts("patterns")):
            message = _("The patterns after this one are never tried: put the counter last.")
            node.notice(message, at=at)
            break
    return patterns
