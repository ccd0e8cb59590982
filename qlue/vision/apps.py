from django.apps import AppConfig


class VisionConfig(AppConfig):
    name = "qlue.vision"
    label = "vision"

    def ready(self) -> None:
        from qlue.reports.actions import register_photo_use

        register_photo_use("SELECT photo FROM vision_event WHERE city_id = %(city)s AND photo = ANY(%(photos)s)")
