from django.apps import AppConfig


class VisionConfig(AppConfig):
    name = "qlue.vision"
    label = "vision"
