"""`accountAttribute`: an attribute of one of the identity's accounts on a source."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.profiles.transforms.base import (
    MAX_TEXT,
    Account,
    Attribute,
    Evaluate,
    Kind,
    Node,
    PlainTransform,
    Run,
    Value,
)
from accounts.profiles.transforms.grammar.account_filter import (
    SEARCHABLE,
    Keep,
    filter_of,
    property_of,
)
from accounts.profiles.transforms.values import entering

CREATED: Final = "created"

Order: TypeAlias = Callable[[Sequence[Account]], list[Account]]


class AccountAttribute(PlainTransform):
    type = "accountAttribute"
    label = _lazy("Account attribute")
    description = _lazy(
        "Reads an attribute of the identity's account on a source; of several accounts, the "
        "oldest that has a value."
    )
    attributes = (
        Attribute("sourceName", Kind.TEXT, _lazy("The name of the source.")),
        Attribute("attributeName", Kind.TEXT, _lazy("The name in its schema."), required=True),
        Attribute("accountSortAttribute", Kind.TEXT, _lazy("What sorts them."), default=CREATED),
        Attribute("accountSortDescending", Kind.BOOLEAN, _lazy("Newest first."), default=False),
        Attribute(
            "accountReturnFirstLink",
            Kind.BOOLEAN,
            _lazy("Whether only the first account counts, also where it has no value."),
            default=False,
        ),
        Attribute(
            "accountFilter",
            Kind.TEXT,
            _lazy('Which accounts count, by nativeIdentity or displayName (== "text").'),
        ),
        Attribute(
            "accountPropertyFilter", Kind.TEXT, _lazy("Which accounts count, by any attribute.")
        ),
        Attribute("applicationName", Kind.TEXT, _lazy("The source by its name in SailPoint.")),
        Attribute("applicationId", Kind.TEXT, _lazy("The source by its id.")),
        Attribute("sourceId", Kind.TEXT, _lazy("The source by its id, if it has no name here.")),
    )
    sample = {
        "type": "accountAttribute",
        "attributes": {
            "sourceName": "Service Accounts",
            "attributeName": "e-mail",
            "accountPropertyFilter": 'status != "retired"',
        },
    }

    def build(self, node: Node) -> Evaluate:
        source, name = _source(node), node.text("attributeName")
        node.uses.account_attributes.add((source, name))
        keep, order = _filters(node, source), _order(node, source)
        only_first, path = node.flag("accountReturnFirstLink"), node.path

        def read(run: Run, _given: Value) -> Value:
            accounts = run.subject.accounts(source)
            if keep:
                accounts = [account for account in accounts if all(k(account) for k in keep)]
            if len(accounts) > 1:
                accounts = order(accounts)
            for account in accounts:
                value = account.attributes.get(name)
                # the one line that every identity passes through: `entering` is for the rest
                if not isinstance(value, str) or len(value) > MAX_TEXT or not value.isascii():
                    value = entering(value, path)
                if only_first or (value is not None and value != []):
                    return value
            return None

        return read


def _source(node: Node) -> str:
    """The source by its name, else by its id: ids of another tenant mean nothing here."""
    # the lasting names of SailPoint end so
    lasting = node.text("applicationName").removesuffix(" [source]")
    source = (
        node.text("sourceName") or lasting or node.text("applicationId") or node.text("sourceId")
    )
    if not source:
        node.refuse(_("Name the source that the attribute is read from."), at="sourceName")
    return source


def _filters(node: Node, source: str) -> list[Keep]:
    filters = []
    for attribute, only in (("accountFilter", SEARCHABLE), ("accountPropertyFilter", ())):
        text = node.text(attribute)
        if text.strip():
            keep, names = filter_of(node, text, at=attribute, only=only)
            node.uses.account_attributes.update((source, name) for name in names)
            filters.append(keep)
    return filters


def _order(node: Node, source: str) -> Order:
    """How to sort accounts; those without the attribute come last either way."""
    by, descending = (
        node.text("accountSortAttribute") or CREATED,
        node.flag("accountSortDescending"),
    )
    if by == CREATED:
        return lambda accounts: sorted(accounts, key=lambda a: a.created_at, reverse=descending)
    node.uses.account_attributes.add((source, by))

    def order(accounts: Sequence[Account]) -> list[Account]:
        keyed = [(property_of(account, by), account) for account in accounts]
        known = [pair for pair in keyed if pair[0]]
        known.sort(key=lambda pair: pair[0], reverse=descending)
        return [account for _key, account in known] + [a for key, a in keyed if not key]

    return order
