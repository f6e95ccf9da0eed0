from django.urls import path

from console.lifecycle_integrations import running, setting_up, views

app_name = "lifecycle_integrations"
urlpatterns = [
    path("", views.list_, name="list"),
    path("new/", setting_up.new, name="new"),
    path("<uuid:lifecycle_id>/", views.detail, name="detail"),
    path("<uuid:lifecycle_id>/members/", views.members, name="members"),
    path("<uuid:lifecycle_id>/activity/", views.activity, name="activity"),
    path("<uuid:lifecycle_id>/settings/", views.settings_, name="settings"),
    path("<uuid:lifecycle_id>/connection/", setting_up.connection, name="connection"),
    path("<uuid:lifecycle_id>/rules/", setting_up.rules, name="rules"),
    path("<uuid:lifecycle_id>/test/", setting_up.test, name="test"),
    path("<uuid:lifecycle_id>/synchronize/", running.synchronize, name="synchronize"),
    path("<uuid:lifecycle_id>/pause/", running.pause, name="pause"),
    path("<uuid:lifecycle_id>/resume/", running.resume, name="resume"),
    path("<uuid:lifecycle_id>/delete/", running.delete, name="delete"),
    path("runs/<uuid:lifecycle_run_id>/", running.run, name="run"),
    path("runs/<uuid:lifecycle_run_id>/progress/", running.progress, name="progress"),
    path("runs/<uuid:lifecycle_run_id>/apply/", running.apply, name="apply"),
    path("runs/<uuid:lifecycle_run_id>/discard/", running.discard, name="discard"),
]
