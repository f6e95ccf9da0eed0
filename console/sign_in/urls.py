"""Only these views of allauth have an address. It looks them up by these names."""

from django.urls import path

from console.sign_in import passkey, reset, saml, second_step, sso, views

urlpatterns = [
    path("sign-in/", views.sign_in, name="account_login"),
    path("sign-in/second-step/", second_step.second_step, name="mfa_authenticate"),
    path("sign-in/passkey/", passkey.sign_in, name="sign_in_passkey"),
    path("sign-in/sso/<uuid:provider_id>/", sso.start, name="sso_start"),
    path("sign-in/sso/<uuid:provider_id>/callback/", sso.callback, name="sso_callback"),
    path("sign-in/sso/<uuid:provider_id>/acs/", saml.acs, name="sso_acs"),
    path("sign-in/sso/<uuid:provider_id>/metadata/", saml.metadata, name="sso_metadata"),
    path("sign-in/sso/<uuid:provider_id>/confirm/", sso.confirm_at, name="sso_confirm"),
    path("sign-in/problems/", reset.problems, name="sign_in_problems"),
    path("sign-in/problems/asked/", reset.asked, name="sign_in_asked"),
    path("reset-password/<str:token>/", reset.reset, name="reset_password"),
    path("sign-out/", views.sign_out, name="account_logout"),
]
