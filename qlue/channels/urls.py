"""Addresses of the channels: Open311, webhooks of providers, news by mail and browser, and the desks."""

from django.urls import path

from qlue.channels.open311.urls import urlpatterns as open311
from qlue.channels.views import accounts, alerts, calls, messages, personal_data, push, watchers, webhooks

urlpatterns = [
    *open311,
    path("<slug:city_slug>/webhook/<slug:kind>/", webhooks.webhook, name="webhook"),
    path("<slug:city_slug>/kabari/<str:code>/", push.push_watcher, name="push-open"),
    path("<slug:city_slug>/kabari/<str:code>/surel/", watchers.watch_report, name="watch"),
    path("<slug:city_slug>/kabari/<str:code>/<str:token>/", push.push_reporter, name="push"),
    path("<slug:city_slug>/kabari/ya/<int:number>/<str:token>/", watchers.watch_confirm, name="watch-yes"),
    path("<slug:city_slug>/kabari/henti/<int:number>/<str:token>/", watchers.watch_stop, name="watch-stop"),
    path("<slug:city_slug>/kabari/henti-lapor/<int:number>/<str:token>/", watchers.mail_stop, name="mail-stop"),
    path("<slug:city_slug>/pesan/", messages.message_desk, name="messages"),
    path("<slug:city_slug>/pesan/saluran/", accounts.account_list, name="message-lines"),
    path("<slug:city_slug>/pesan/saluran/<slug:kind>/", accounts.account_edit, name="message-line"),
    path("<slug:city_slug>/pesan/ulang/<slug:row_kind>/<int:number>/", messages.message_again, name="message-again"),
    path("<slug:city_slug>/data-saya/", personal_data.data_ask, name="data-ask"),
    path("<slug:city_slug>/kerja/data-pribadi/", personal_data.data_requests, name="data-requests"),
    path("<slug:city_slug>/kerja/data-pribadi/<int:number>/", personal_data.data_request_end, name="data-request-end"),
    path("<slug:city_slug>/darurat/", alerts.alert_list, name="alerts"),
    path("<slug:city_slug>/darurat/saya/", alerts.alert_contact_edit, name="alert-reach"),
    path("<slug:city_slug>/darurat/peramban/", alerts.alert_browser, name="alert-browser"),
    path("<slug:city_slug>/darurat/<int:number>/", alerts.alert_take, name="alert-take"),
    path("<slug:city_slug>/meja-112/", calls.call_console, name="calls"),
    path("<slug:city_slug>/meja-112/mulai/", calls.call_begin, name="call-begin"),
    path("<slug:city_slug>/meja-112/bebaskan/", calls.call_free, name="call-free"),
    path("<slug:city_slug>/meja-112/<int:number>/lapor/", calls.call_report, name="call-report"),
    path("<slug:city_slug>/meja-112/<int:number>/<slug:disposition>/", calls.call_dispose, name="call-dispose"),
]
