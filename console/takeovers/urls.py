from django.urls import path

from console.takeovers import views

app_name = "takeovers"
urlpatterns = [
    path("takeovers/", views.list_, name="list"),
    path("takeovers/confirm/", views.confirm_selected, name="confirm_selected"),
    path("takeovers/<uuid:takeover_id>/", views.detail, name="detail"),
    path("takeovers/<uuid:takeover_id>/confirm/", views.confirm, name="confirm"),
    path("takeovers/<uuid:takeover_id>/decline/", views.decline, name="decline"),
    path("takeovers/<uuid:takeover_id>/withdraw/", views.withdraw, name="withdraw"),
    path("service-accounts/<uuid:account_id>/hand-over/", views.hand_over, name="hand_over"),
]
