from django.urls import path

from console.audit import proof, views

app_name = "audit"
urlpatterns = [
    path("audit/", views.list_, name="list"),
    path("audit/export/", views.export, name="export"),
    path("audit/proof/", proof.proof, name="proof"),
    path("audit/proof/checkpoint/", proof.checkpoint, name="checkpoint"),
    path("audit/<int:event_id>/", views.detail, name="detail"),
]
