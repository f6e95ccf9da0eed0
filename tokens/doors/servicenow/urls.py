"""What this door serves, by address; calls within a batch are found in the same table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.urls import re_path

from tokens.doors.servicenow import batch, catalogue, inheritance, records
from tokens.doors.servicenow.calls import ANY_METHOD, View, by_method, serve
from tokens.doors.servicenow.errors import problem
from tokens.edge.machine import machine

ADDRESSES: Final = re.compile(r"api/(?:now|sn_sc|global)/")
"""How every address of this door begins, after its first slash; no page's does."""
_VERSION: Final = r"(?:(?P<version>v1|v2)/)?"
_TABLE: Final = r"(?P<table>[^/]+)"
_ITEMS: Final = rf"api/sn_sc/{_VERSION}servicecatalog/items"

VIEWS: Final[Mapping[str, View]] = {
    rf"api/now/{_VERSION}table/{_TABLE}": by_method({"GET": records.list_, "POST": records.create}),
    rf"api/now/{_VERSION}table/{_TABLE}/(?P<sys_id>[^/]+)": by_method(
        {
            "GET": records.get,
            "PUT": records.update,
            "PATCH": records.update,
            "DELETE": records.delete,
        }
    ),
    rf"api/now/{_VERSION}batch": by_method({"POST": batch.run}),
    r"api/global/user_role_inheritance": by_method({"GET": inheritance.get}),
    _ITEMS: by_method({"GET": catalogue.list_}),
    rf"{_ITEMS}/(?P<item_id>[^/]+)": by_method({"GET": catalogue.get}),
    rf"{_ITEMS}/(?P<item_id>[^/]+)/order_now": by_method({"POST": catalogue.order}),
}
_COMPILED: Final = {re.compile(f"/{address}"): view for address, view in VIEWS.items()}


def found_at(path: str) -> tuple[View, dict[str, str]] | None:
    """The view of a path, and the parts of it by name; None where nothing is served."""
    for address, view in _COMPILED.items():
        if found := address.fullmatch(path):
            return view, {name: part for name, part in found.groupdict().items() if part}
    return None


@machine(problem, *ANY_METHOD)
def not_found(request: HttpRequest) -> HttpResponse:
    """What lies below the vendor's addresses and is not served: JSON, never a page."""
    del request
    return problem(HTTPStatus.NOT_FOUND, "Requested URI does not represent any resource")


urlpatterns = [
    *(re_path(rf"^{address}\Z", serve(view)) for address, view in VIEWS.items()),
    re_path(rf"^{ADDRESSES.pattern}", not_found),
]
