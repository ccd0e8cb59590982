from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "qlue.insight"
    label = "insight"
