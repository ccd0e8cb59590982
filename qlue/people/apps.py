from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "qlue.people"
    label = "people"
