from django.urls import path

from console.requests import asking, deciding, export, lists

app_name = "requests"
urlpatterns = [
    path("", lists.mine, name="mine"),
    path("to-approve/", lists.to_approve, name="to_approve"),
    path("all/export/", export.export, name="export"),
    path("all/", lists.all_, name="all"),
    path("away/", deciding.away, name="away"),
    path("away/end/", deciding.back, name="back"),
    path("new/", asking.catalogue, name="catalogue"),
    path("new/<slug:kind>/", asking.new, name="new"),
    path("<uuid:request_id>/", deciding.detail, name="detail"),
    path("<uuid:request_id>/decide/", deciding.decide, name="decide"),
    path("<uuid:request_id>/withdraw/", deciding.withdraw, name="withdraw"),
    path("<uuid:request_id>/try-again/", deciding.try_again, name="try_again"),
]
