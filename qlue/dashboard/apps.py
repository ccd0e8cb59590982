from django.apps import AppConfig


class DashboardConfig(AppConfig):
    name = "qlue.dashboard"
    label = "dashboard"
