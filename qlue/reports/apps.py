from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "qlue.reports"
    label = "reports"
