from django.urls import path

from console.lifecycle_states import views

app_name = "lifecycle_states"
urlpatterns = [
    path("identities/<uuid:identity_id>/lifecycle-state/", views.set_state, name="set"),
    path(
        "identities/<uuid:identity_id>/lifecycle-state/follow-source/",
        views.follow_source,
        name="follow_source",
    ),
]
