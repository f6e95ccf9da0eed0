from django.urls import path

from console.sign_in_providers import own, rule, trying, views

app_name = "sign_in_providers"
BASE = "tenant-settings/sign-in-providers"
OWN = "profile/sign-in-providers"
urlpatterns = [
    path(f"{BASE}/", views.list_, name="list"),
    path(f"{BASE}/new/<slug:provider_kind>/", views.new, name="new"),
    path(f"{BASE}/sso-only/", rule.sso_only, name="sso_only"),
    path(f"{BASE}/<uuid:provider_id>/", views.detail, name="detail"),
    path(f"{BASE}/<uuid:provider_id>/edit/", views.edit, name="edit"),
    path(f"{BASE}/<uuid:provider_id>/look/", trying.look, name="look"),
    path(f"{BASE}/<uuid:provider_id>/try/", trying.try_, name="try"),
    path(f"{BASE}/<uuid:provider_id>/enable/", views.enable, name="enable"),
    path(f"{BASE}/<uuid:provider_id>/disable/", views.disable, name="disable"),
    path(f"{BASE}/<uuid:provider_id>/remove/", views.remove, name="remove"),
    path(f"{OWN}/", own.list_, name="own"),
    path(f"{OWN}/<uuid:provider_id>/link/", own.link, name="link"),
    path(f"{OWN}/<uuid:sso_link_id>/unlink/", own.unlink, name="unlink"),
]
