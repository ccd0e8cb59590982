from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    name = "qlue.channels"
    label = "channels"

    def ready(self) -> None:
        from qlue.channels.reading.authorities import letters_about
        from qlue.work.reading import letters_from

        letters_from(letters_about)
