"""How words reach us: Open311 so far."""

from qlue.channels.open311.urls import urlpatterns as open311

urlpatterns = [*open311]
