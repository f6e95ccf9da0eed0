"""What the query conventions refuse."""

from django.utils.translation import gettext as _

from accounts.lib.errors import DomainError


class BadQuery(DomainError):
    """A query that cannot be read; the door answers 400 with its message."""

    code = "bad_query"

    def __init__(self, message: str, *, field: str | None = None, position: int | None = None):
        """`field` is the parameter; `position` counts characters of its value from 1."""
        if position is not None:
            located = _("%(message)s (at character %(position)d)")
            message = located % {"message": message, "position": position}
        super().__init__(message, field=field)
        self.position = position
