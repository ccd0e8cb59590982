from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    name = "qlue.channels"
    label = "channels"
