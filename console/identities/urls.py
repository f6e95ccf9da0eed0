from django.urls import path

from console.identities.views import (
    detail,
    export,
    levels,
    lifecycle,
    lists,
    manager,
    people,
    problems,
    registration,
    resetting,
    selection,
)

app_name = "identities"
urlpatterns = [
    path("identities/", lists.list_, name="list"),
    path("identities/export/", export.export, name="export"),
    path("identities/errors/", problems.errors, name="errors"),
    path("identities/incomplete/", lists.incomplete, name="incomplete"),
    path("identities/invite/", selection.invite, name="invite_selected"),
    path("identities/disable/", selection.disable, name="disable_selected"),
    path("identities/levels/", levels.set_levels_of_selected, name="set_levels_of_selected"),
    path("identities/new/", people.new, name="new"),
    path("identities/<uuid:identity_id>/", detail.detail, name="detail"),
    path("identities/<uuid:identity_id>/activity/", detail.activity, name="activity"),
    path("identities/<uuid:identity_id>/groups/", detail.groups, name="groups"),
    path("identities/<uuid:identity_id>/edit/", people.edit, name="edit"),
    path("identities/<uuid:identity_id>/manager/", manager.set_manager, name="set_manager"),
    path("identities/<uuid:identity_id>/levels/", levels.set_levels, name="set_levels"),
    path("identities/<uuid:identity_id>/levels/change/", levels.change, name="change_of_levels"),
    path("identities/<uuid:identity_id>/invite/", people.invite, name="invite"),
    path("identities/<uuid:identity_id>/reset/", resetting.reset, name="reset"),
    path(
        "identities/<uuid:identity_id>/invitations/<uuid:invitation_id>/retry/",
        resetting.retry,
        name="retry",
    ),
    path("identities/<uuid:identity_id>/disable/", lifecycle.disable, name="disable"),
    path("identities/<uuid:identity_id>/enable/", lifecycle.enable, name="enable"),
    path(
        "identities/<uuid:identity_id>/end-sessions/", lifecycle.end_sessions, name="end_sessions"
    ),
    path("identities/<uuid:identity_id>/delete/", lifecycle.delete, name="delete"),
    path("register/<str:token>/", registration.register, name="register"),
]
