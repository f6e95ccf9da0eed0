from django.urls import path

from console.tenant import clock, levels, outgoing, owner, scopes, sign_in, views

app_name = "tenant"
urlpatterns = [
    path("tenant-settings/", views.settings_, name="settings"),
    path("tenant-settings/global/", views.global_settings, name="global_settings"),
    path("tenant-settings/global/signing-key/", views.rotate, name="rotate"),
    path("tenant-settings/sign-in/", sign_in.sign_in, name="sign_in"),
    path("tenant-settings/outgoing/", outgoing.outgoing, name="outgoing"),
    path("tenant-settings/time-zone/", clock.time_zone, name="time_zone"),
    path("tenant-settings/user-levels/", levels.levels, name="levels"),
    path("tenant-settings/owner/", owner.owner, name="owner"),
    path("tenant-settings/owner/hand-over/", owner.hand_over, name="hand_over"),
    path("tenant-settings/scopes/", scopes.scopes, name="scopes"),
]
