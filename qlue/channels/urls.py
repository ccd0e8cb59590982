"""Addresses of the channels: Open311, the providers' doors, push, and the desks."""

from django.urls import path

from qlue.channels.open311.urls import urlpatterns as open311
from qlue.channels.views import alerts, calls, desk, lines, personal, push, watching, webhooks

urlpatterns = [
    *open311,
    path("<slug:city_slug>/webhook/<slug:kind>/", webhooks.webhook, name="webhook"),
    path("<slug:city_slug>/kabari/<str:code>/", push.push_open, name="push-open"),
    path("<slug:city_slug>/kabari/<str:code>/surel/", watching.watch, name="watch"),
    path("<slug:city_slug>/kabari/<str:code>/<str:token>/", push.push, name="push"),
    path("<slug:city_slug>/kabari/ya/<int:number>/<str:token>/", watching.watch_yes, name="watch-yes"),
    path("<slug:city_slug>/kabari/henti/<int:number>/<str:token>/", watching.watch_stop, name="watch-stop"),
    path("<slug:city_slug>/kabari/henti-lapor/<int:number>/<str:token>/", watching.mail_stop, name="mail-stop"),
    path("<slug:city_slug>/pesan/", desk.messages, name="messages"),
    path("<slug:city_slug>/pesan/saluran/", lines.lines, name="message-lines"),
    path("<slug:city_slug>/pesan/saluran/<slug:kind>/", lines.line, name="message-line"),
    path("<slug:city_slug>/pesan/ulang/<slug:what>/<int:number>/", desk.message_again, name="message-again"),
    path("<slug:city_slug>/data-saya/", personal.data_ask, name="data-ask"),
    path("<slug:city_slug>/kerja/data-pribadi/", personal.data_requests, name="data-requests"),
    path("<slug:city_slug>/kerja/data-pribadi/<int:number>/", personal.data_request_end, name="data-request-end"),
    path("<slug:city_slug>/darurat/", alerts.alerts, name="alerts"),
    path("<slug:city_slug>/darurat/saya/", alerts.reach, name="alert-reach"),
    path("<slug:city_slug>/darurat/peramban/", alerts.reach_browser, name="alert-browser"),
    path("<slug:city_slug>/darurat/<int:number>/", alerts.alert_take, name="alert-take"),
    path("<slug:city_slug>/meja-112/", calls.calls, name="calls"),
    path("<slug:city_slug>/meja-112/mulai/", calls.call_begin, name="call-begin"),
    path("<slug:city_slug>/meja-112/bebaskan/", calls.call_free, name="call-free"),
    path("<slug:city_slug>/meja-112/<int:number>/lapor/", calls.call_report, name="call-report"),
    path("<slug:city_slug>/meja-112/<int:number>/<slug:disposition>/", calls.call_dispose, name="call-dispose"),
]
