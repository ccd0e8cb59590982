from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "qlue.demo"
    label = "demo"
