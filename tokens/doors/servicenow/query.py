"""The vendor's encoded queries: `active=true^user_nameSTARTSWITHsvc^ORDERBYname`.

Parts that cannot be read are left out, as the vendor does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tokens.doors.servicenow.errors import Refused

LONGEST: Final = 65_536
"""Characters of a query."""
MOST_PARTS: Final = 200
MOST_VALUES: Final = 2_000
"""Within all lists of a query."""
MOST_ORDERS: Final = 5
MOST_WALKS: Final = 20
"""Conditions on what a row names, such as `user.manager.name`: each looks at other rows."""


class Operator(StrEnum):
    IS_NOT_EMPTY = "ISNOTEMPTY"
    IS_EMPTY = "ISEMPTY"
    NOT_IN = "NOT IN"
    NOT_LIKE = "NOT LIKE"
    STARTS_WITH = "STARTSWITH"
    ENDS_WITH = "ENDSWITH"
    LIKE = "LIKE"
    IN = "IN"
    AT_LEAST = ">="
    AT_MOST = "<="
    IS_NOT = "!="
    IS = "="
    MORE = ">"
    LESS = "<"


SPELLINGS: Final = {
    **{operator.value: operator for operator in Operator},
    "DOES NOT CONTAIN": Operator.NOT_LIKE,
    "CONTAINS": Operator.LIKE,
    "ANYTHING": None,
}
LISTS: Final = frozenset({Operator.IN, Operator.NOT_IN})
NEGATIVE: Final = {
    Operator.IS_NOT: Operator.IS,
    Operator.NOT_IN: Operator.IN,
    Operator.NOT_LIKE: Operator.LIKE,
    Operator.IS_NOT_EMPTY: Operator.IS_EMPTY,
}

# longer spellings go before those that they begin with; names are small letters, operators are not
_OPERATORS: Final = "|".join(sorted(map(re.escape, SPELLINGS), key=len, reverse=True))
_PART: Final = re.compile(
    rf"(?P<name>[a-z][a-z0-9_.]*)(?P<operator>{_OPERATORS})(?P<value>.*)", re.DOTALL
)
_BETWEEN: Final = re.compile(r"(?<!\^)\^(?!\^)")
_NOT_HERE: Final = ("JOIN", "RLQUERY")


@dataclass(frozen=True)
class Condition:
    name: str
    operator: Operator
    value: str

    @property
    def path(self) -> list[str]:
        return self.name.split(".")

    @property
    def values(self) -> list[str]:
        """Of a list, what stands in it."""
        return self.value.split(",")


@dataclass(frozen=True)
class Query:
    """`alternatives` hold groups all of which have to be met, each by any one of its conditions."""

    alternatives: tuple[tuple[tuple[Condition, ...], ...], ...] = ()
    order: tuple[tuple[str, bool], ...] = ()
    """Columns, and whether the largest goes first."""


def parse(text: str) -> Query:
    """What is asked for.

    Raises:
        Refused: it is too long, or says what would be dangerous to leave out.
    """
    if len(text) > LONGEST:
        raise Refused(f"The query is longer than {LONGEST} characters.")
    parts = [part.replace("^^", "^") for part in _BETWEEN.split(text)]
    if len(parts) > MOST_PARTS:
        raise Refused(f"The query has more than {MOST_PARTS} parts.")
    alternatives: list[list[list[Condition]]] = [[]]
    order: list[tuple[str, bool]] = []
    for part in parts:
        if part.startswith(_NOT_HERE):
            raise Refused("JOIN and RLQUERY are not supported here.", detail=part[:100])
        if part.startswith("ORDERBY"):
            falls = part.startswith("ORDERBYDESC")
            order.append((part.removeprefix("ORDERBYDESC").removeprefix("ORDERBY"), falls))
        elif part.startswith("NQ"):
            alternatives.append([_read(part[2:])])
        elif part.startswith("OR") and alternatives[-1]:
            alternatives[-1][-1] += _read(part[2:])
        else:
            alternatives[-1].append(_read(part))
    found = Query(tuple(_groups(alternatives)), tuple(order[:MOST_ORDERS]))
    _check_cost([each for groups in found.alternatives for group in groups for each in group])
    return found


def _groups(
    alternatives: list[list[list[Condition]]],
) -> Iterator[tuple[tuple[Condition, ...], ...]]:
    for groups in alternatives:
        if kept := tuple(tuple(group) for group in groups if group):
            yield kept


def _read(part: str) -> list[Condition]:
    """The condition that a part states; nothing where it states none."""
    found = _PART.fullmatch(part)
    operator = SPELLINGS[found["operator"]] if found else None
    if found is None or operator is None:
        return []
    return [Condition(found["name"], operator, found["value"])]


def _check_cost(conditions: list[Condition]) -> None:
    listed = sum(len(each.values) for each in conditions if each.operator in LISTS)
    if listed > MOST_VALUES:
        raise Refused(f"The lists of the query have more than {MOST_VALUES} values.")
    if sum("." in each.name for each in conditions) > MOST_WALKS:
        raise Refused(f"The query has more than {MOST_WALKS} conditions on other records.")
