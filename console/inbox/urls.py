from django.urls import path

from console.inbox import messages, settings

app_name = "inbox"
urlpatterns = [
    path("inbox/", messages.list_, name="list"),
    path("inbox/<uuid:message_id>/", messages.message, name="message"),
    path("inbox/<uuid:message_id>/show/", messages.show, name="show"),
    path("tenant-settings/inbox/", settings.settings_, name="settings"),
    path("tenant-settings/inbox/domain/", settings.set_domain, name="set_domain"),
    path("tenant-settings/inbox/numbers/", settings.add_number, name="add_number"),
    path(
        "tenant-settings/inbox/numbers/<uuid:number_id>/remove/",
        settings.remove_number,
        name="remove_number",
    ),
    path("tenant-settings/inbox/webhooks/<slug:provider>/", settings.secret, name="secret"),
    path(
        "tenant-settings/inbox/webhooks/<slug:provider>/remove/",
        settings.remove_secret,
        name="remove_secret",
    ),
]
