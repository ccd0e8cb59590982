from django.urls import re_path

from qlue.channels.open311 import views

FORM = r"\.(?P<form>json|xml)$"

urlpatterns = [
    re_path(rf"^open311/discovery{FORM}", views.discovery_endpoint, name="open311-discovery"),
    re_path(rf"^open311/(?:v2/)?services{FORM}", views.services_endpoint, name="open311-services"),
    re_path(rf"^open311/(?:v2/)?services/(?P<code>[^/]+){FORM}", views.definition_endpoint, name="open311-definition"),
    re_path(rf"^open311/(?:v2/)?requests{FORM}", views.requests_endpoint, name="open311-requests"),
    re_path(rf"^open311/(?:v2/)?requests/(?P<code>[^/]+){FORM}", views.request_endpoint, name="open311-request"),
    re_path(rf"^open311/(?:v2/)?tokens/(?P<code>[^/]+){FORM}", views.token_endpoint, name="open311-token"),
    re_path(r"^open311/", views.unknown_endpoint),
]
