from django.apps import AppConfig


class AtlasConfig(AppConfig):
    name = "qlue.atlas"
    label = "atlas"
