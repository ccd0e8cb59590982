"""Addresses of the channels: Open311, the providers' doors, push, and the desks."""

from django.urls import path

from qlue.channels.open311.urls import urlpatterns as open311
from qlue.channels.views import push, webhooks

urlpatterns = [
    *open311,
    path("<slug:city>/webhook/<slug:kind>/", webhooks.webhook, name="webhook"),
    path("<slug:city>/kabari/<str:code>/<str:token>/", push.push, name="push"),
]
