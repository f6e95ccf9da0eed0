from django.urls import path

from console.sessions import views

app_name = "sessions"
urlpatterns = [
    path("profile/sessions/", views.own, name="own"),
    path("profile/sessions/stay/", views.stay, name="stay"),
    path("profile/sessions/<uuid:session_id>/end/", views.end_own, name="end_own"),
    path("identities/<uuid:identity_id>/sessions/", views.list_, name="list"),
    path(
        "identities/<uuid:identity_id>/sessions/<uuid:session_id>/end/",
        views.end,
        name="end",
    ),
]
