"""What the commands of backups share: the passphrase, and one line for whoever typed them."""

from __future__ import annotations

import getpass
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management.base import CommandError
from django.db import DatabaseError

from accounts.lib.errors import DomainError
from console.backups.keys import SHORTEST_PASSPHRASE


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path)
    parser.add_argument(
        "--passphrase-file",
        metavar="PATH",
        type=Path,
        help="read the passphrase from the first line of PATH instead of asking for it",
    )


def passphrase(file: Path | None, *, is_new: bool) -> str:
    """The passphrase from a file or the terminal; where it is new, it is asked for twice.

    Raises:
        CommandError: it is too short, was typed in two ways, or there is nobody to ask.
    """
    if file is not None:
        given = file.read_text("utf-8").partition("\n")[0]
    elif sys.stdin.isatty():
        given = getpass.getpass("Passphrase of the backup: ")
        if is_new and getpass.getpass("The same once more: ") != given:
            raise CommandError("the two are not the same")
    else:
        raise CommandError("name a --passphrase-file, or run this in a terminal")
    if is_new and len(given) < SHORTEST_PASSPHRASE:
        raise CommandError(f"a passphrase has {SHORTEST_PASSPHRASE} characters or more")
    return given


@contextmanager
def in_one_line() -> Iterator[None]:
    """Say what went wrong as one line, with status 1."""
    try:
        yield
    except FileExistsError as error:
        problem = f"{error.filename or error} exists already; choose another file"
    except OSError as error:
        problem = f"{error.filename or 'the file'} cannot be used ({error.strerror or error})"
    except (DomainError, CommandError, DatabaseError) as error:
        problem = str(error)
    else:
        return
    sys.stderr.write(f"steward: {' '.join(problem.split())}\n")
    raise SystemExit(1)
