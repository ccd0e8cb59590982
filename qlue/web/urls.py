from django.urls import path

from qlue.web.views import outbox, pages, theme

urlpatterns = [
    path("health", pages.health, name="health"),
    path("ready", pages.readiness, name="ready"),
    path("manifest.webmanifest", pages.manifest, name="manifest"),
    path("sw.js", outbox.service_worker, name="service-worker"),
    path("outbox.json", outbox.outbox_pass, name="outbox-pass"),
    path(".well-known/security.txt", pages.security_txt, name="security-txt"),
    path("robots.txt", pages.robots, name="robots"),
    path("favicon.ico", pages.favicon, name="favicon"),
    path("rupa/<slug:colour>.css", theme.theme_stylesheet, name="city-look"),
    path("bahasa/", pages.set_language, name="set_language"),
]
