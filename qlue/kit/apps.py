from django.apps import AppConfig


class KitConfig(AppConfig):
    name = "qlue.kit"
    label = "kit"
