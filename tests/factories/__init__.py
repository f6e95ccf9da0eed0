"""Things to test with, made by the actions that the pages call."""

from tests.factories.accounts import make_account as make_account
from tests.factories.people import make_person as make_person
