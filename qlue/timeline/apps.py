from django.apps import AppConfig


class TimelineConfig(AppConfig):
    name = "qlue.timeline"
    label = "timeline"
