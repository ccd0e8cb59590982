"""Every room's pages under one roof. A city's pages begin with its slug, so the fixed paths come first."""

from django.urls import include, path

ROOMS = ("web", "people", "channels", "cities", "reports", "work", "dashboard")

urlpatterns = [
    *(path("", include(f"qlue.{room}.urls")) for room in ROOMS),
]
