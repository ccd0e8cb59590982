from django.urls import path

from qlue.web import look, outbox, views

urlpatterns = [
    path("health", views.health, name="health"),
    path("ready", views.ready, name="ready"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path("sw.js", outbox.worker, name="service-worker"),
    path("outbox.json", outbox.letting_in, name="outbox-pass"),
    path(".well-known/security.txt", views.security_txt, name="security-txt"),
    path("robots.txt", views.robots, name="robots"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("rupa/<slug:colour>.css", look.stylesheet, name="city-look"),
    path("bahasa/", views.language, name="set_language"),
]
