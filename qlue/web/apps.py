from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "qlue.web"
    label = "web"
