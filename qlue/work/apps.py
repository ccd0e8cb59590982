from django.apps import AppConfig


class WorkConfig(AppConfig):
    name = "qlue.work"
    label = "work"
