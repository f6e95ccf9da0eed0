from django.urls import path

from console.trusted_sessions.views import asking, deciding, recovery, sessions

app_name = "trusted_sessions"
urlpatterns = [
    path("", sessions.list_, name="list"),
    path("new/", asking.new, name="new"),
    path("unlock/", asking.unlock, name="unlock"),
    path("recovery-key/", recovery.new, name="recovery_key"),
    path("recovery-key/discard/", recovery.discard, name="discard_recovery_key"),
    path("<uuid:trusted_session_id>/", asking.detail, name="detail"),
    path("<uuid:trusted_session_id>/code/", asking.send_code, name="send_code"),
    path("<uuid:trusted_session_id>/recover/", recovery.recover, name="recover"),
    path("<uuid:trusted_session_id>/approve/", deciding.approve, name="approve"),
    path("<uuid:trusted_session_id>/deny/", deciding.deny, name="deny"),
    path("<uuid:trusted_session_id>/remove/", deciding.remove, name="remove"),
]
