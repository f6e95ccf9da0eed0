from django.urls import path

from console.imports.views import decisions, detail, lists

app_name = "imports"
urlpatterns = [
    path("", lists.list_, name="list"),
    path("template/", lists.template, name="template"),
    path("schedule/", lists.schedule, name="schedule"),
    path("threshold/", lists.threshold, name="threshold"),
    path("<uuid:import_id>/", detail.detail, name="detail"),
    path("<uuid:import_id>/progress/", detail.progress, name="progress"),
    path("<uuid:import_id>/rejected.csv", detail.rejected_csv, name="rejected_csv"),
    path("<uuid:import_id>/accounts.csv", detail.accounts_csv, name="accounts_csv"),
    path("<uuid:import_id>/confirm/", decisions.confirm, name="confirm"),
    path("<uuid:import_id>/override/", decisions.override, name="override"),
    path("<uuid:import_id>/keep-missing/", decisions.keep_missing, name="keep_missing"),
    path("<uuid:import_id>/encoding/", decisions.choose_encoding, name="encoding"),
    path("<uuid:import_id>/plan-again/", decisions.plan_again, name="plan_again"),
    path("<uuid:import_id>/cancel/", decisions.cancel, name="cancel"),
]
