"""Every room's pages under one roof. A city's pages begin with its slug, so the fixed paths come first."""

from django.urls import include, path

from qlue.api import api

ROOMS = ("web", "people", "channels", "cities", "reports", "work", "dashboard")

urlpatterns = [
    path("api/v1/", api.urls),
    *(path("", include(f"qlue.{room}.urls")) for room in ROOMS),
]
