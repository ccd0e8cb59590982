from django.apps import AppConfig


class ThingsConfig(AppConfig):
    name = "qlue.things"
    label = "things"
