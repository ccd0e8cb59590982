"""Every room's pages under one roof.

Most requests are for reports, so these come first: each has a second segment that no fixed path has. Of the other
rooms those with fixed paths come first, for a city's pages begin with its slug.
"""

from django.urls import include, path

from qlue.api import api

ROOMS = (
    "reports",
    "web",
    "people",
    "channels",
    "cities",
    "work",
    "vision",
    "things",
    "insight",
    "atlas",
    "dashboard",
)

urlpatterns = [
    path("api/v1/", api.urls),
    *(path("", include(f"qlue.{room}.urls")) for room in ROOMS),
]
