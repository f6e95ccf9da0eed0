from django.urls import path

from console.jobs import export, views

app_name = "jobs"
urlpatterns = [
    path("", views.list_, name="list"),
    path("export/", export.export, name="export"),
    path("scheduled/", views.scheduled, name="scheduled"),
    path("scheduled/<int:schedule_id>/run/", views.run_now, name="run_now"),
    path("indicator/", views.indicator, name="indicator"),
    path("<uuid:job_id>/", views.detail, name="detail"),
    path("<uuid:job_id>/progress/", views.progress, name="progress"),
    path("<uuid:job_id>/cancel/", views.cancel, name="cancel"),
]
