"""People whom somebody names without seeing the list of all."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

Person = Annotated[
    str,
    Field(
        min_length=1,
        max_length=254,
        description="The user name or e-mail address of a person who can sign in.",
    ),
]
