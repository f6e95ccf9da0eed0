"""Commands with acts (`service_account create …`): one answer, one line of JSON."""

from __future__ import annotations

import json
import sys
from abc import ABC, abstractmethod
from argparse import SUPPRESS, ArgumentParser
from datetime import datetime
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from accounts.audit.actors import SYSTEM, Actor
from accounts.lib.errors import DomainError
from accounts.models import Identity
from console.management import key_file


class Refused(Exception):
    """The text is one line for whoever typed the command."""


class OneLineParser(CommandParser):
    """Says what is wrong with the arguments in one line, with status 2."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"steward: {message} (see {self.prog} --help)\n")


class ActsCommand(BaseCommand, ABC):
    """Runs the method `_<act>`, which takes who acts, the time and the options.

    It answers what is printed: a mapping, or a list of them for a line each.
    """

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.__class__ = OneLineParser  # Django makes its own kind, whatever one wants
        return parser

    def add_arguments(self, parser: ArgumentParser) -> None:
        _add_actor(parser, default=None)
        self.add_acts(
            parser.add_subparsers(
                dest="act", required=True, metavar="act", parser_class=OneLineParser
            )
        )

    @abstractmethod
    def add_acts(self, acts: Any) -> None:
        """Add each act with its arguments, by `act`."""

    def act(self, acts: Any, name: str, words: str) -> ArgumentParser:
        parser: ArgumentParser = acts.add_parser(name, help=words, description=words)
        _add_actor(parser, default=SUPPRESS)  # what stands before the act must not be forgotten
        return parser

    def handle(self, *_args: Any, act: str, as_user: str | None, **options: Any) -> None:
        try:
            by: Actor = person(as_user) if as_user is not None else SYSTEM
            now: datetime = timezone.now()
            answer = getattr(self, f"_{act.replace('-', '_')}")(by, now, options)
        except (DomainError, Refused, key_file.CannotWrite) as refusal:
            self._fail(str(refusal))
        except DatabaseError as error:
            self._fail(f"the database refuses: {error}")
        else:
            for line in answer if isinstance(answer, list) else [answer]:
                self.stdout.write(json.dumps(line, ensure_ascii=False))

    def _fail(self, text: str) -> NoReturn:
        self.stderr.write(f"steward: {' '.join(text.split())}")
        sys.exit(1)


def add_scopes(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--scope",
        nargs="+",
        action="extend",
        required=True,
        metavar="SCOPE",
        help="can be repeated",
    )


def person(user_name: str) -> Identity:
    """Whoever has this user name.

    Raises:
        Refused: nobody has.
    """
    try:
        return Identity.objects.get_by_natural_key(user_name)
    except Identity.DoesNotExist:
        raise Refused(f"there is nobody with the user name {user_name!r}") from None


def _add_actor(parser: ArgumentParser, *, default: str | None) -> None:
    parser.add_argument(
        "--as",
        dest="as_user",
        metavar="USERNAME",
        default=default,
        help="the person who acts (default: the system itself)",
    )
