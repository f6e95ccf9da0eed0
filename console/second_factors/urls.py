from django.urls import path

from console.second_factors import others, views

app_name = "second_factors"
urlpatterns = [
    path("profile/second-factors/", views.list_, name="list"),
    path("profile/second-factors/app/", views.set_up_app, name="set_up_app"),
    path("profile/second-factors/passkey/", views.add_passkey, name="add_passkey"),
    path("profile/second-factors/codes/", views.make_codes, name="make_codes"),
    path("profile/second-factors/codes/stored/", views.codes_stored, name="codes_stored"),
    path("profile/second-factors/<int:factor_id>/remove/", views.remove, name="remove"),
    path(
        "identities/<uuid:identity_id>/second-factors/remove/",
        others.remove_all,
        name="remove_all",
    ),
]
