from __future__ import annotations

from typing import Final

from django.conf import settings
from django.http import HttpResponse
from django.utils.text import slugify
from ninja import Query

from accounts.authorization.permissions import Permission
from accounts.bundles import actions
from accounts.bundles.format import MAX_BYTES, Bundle, parse
from accounts.bundles.members import BadBundle
from accounts.bundles.plan import BundlePlan
from tokens.doors.rest.answers import CONTENT_TYPE, answered
from tokens.doors.rest.calls import Request
from tokens.doors.rest.downloads import file
from tokens.doors.rest.errors import invalid
from tokens.doors.rest.noun import Noun
from tokens.doors.rest.schemas.bundles import (
    BundlePlanDocument,
    ImportOptions,
    ThingChange,
    ThingDocument,
)
from tokens.edge import uploads

noun: Final = Noun(
    "bundles", "Bundles", "Configuration that moves between environments, without secrets."
)

MOVE: Final = (Permission.TENANT_MANAGE,)


@noun.download("/export", media=CONTENT_TYPE, needs=MOVE)
def export_bundle(request: Request) -> HttpResponse:
    """Sources, profiles, transforms, APIs and more that are here, as one bundle of JSON."""
    text = actions.export(by=request.by, at=request.now)
    environment = slugify(settings.STEWARD_ENVIRONMENT) or "steward"
    name = f"configuration-{environment}-{request.now:%Y-%m-%d}.json"
    return file([text.encode()], CONTENT_TYPE, name)


@noun.read_file("/plan", BundlePlanDocument, needs=MOVE, most_bytes=MAX_BYTES, changes=False)
def plan_bundle(request: Request) -> HttpResponse:
    """Say what importing a bundle would do now; nothing is changed."""
    found = actions.plan(by=request.by, bundle=_bundle(request), at=request.now)
    return answered(_document(found))


@noun.read_file("/import", BundlePlanDocument, needs=MOVE, most_bytes=MAX_BYTES)
def import_bundle(request: Request, options: Query[ImportOptions]) -> HttpResponse:
    """Take over all of a bundle, or nothing; what is here beside it stays."""
    done = actions.import_(
        by=request.by, bundle=_bundle(request), digest=options.digest, at=request.now
    )
    return answered(_document(done))


def _bundle(request: Request) -> Bundle:
    assert request.file is not None  # the door has received it
    actions.check_may_move(request.by)
    try:
        return parse(request.file.read())
    except BadBundle as error:
        raise invalid(uploads.PART, error.message) from error


def _document(plan: BundlePlan) -> BundlePlanDocument:
    return BundlePlanDocument(
        digest=plan.digest,
        has_problems=plan.has_problems,
        differences=plan.differences,
        lines=[
            ThingDocument(
                part=line.part,
                name=line.name,
                fate=line.fate,
                problem=line.problem,
                changes=[
                    ThingChange(field=each.field, before=each.before, after=each.after)
                    for each in line.changes
                ],
                notes=list(line.notes),
            )
            for line in plan.lines
        ],
    )
