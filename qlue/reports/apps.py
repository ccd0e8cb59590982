from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "qlue.reports"
    label = "reports"

    def ready(self) -> None:
        """The table of verbs says who may do each; the rights of people are one table."""
        from qlue.people.rights import grant_verb
        from qlue.reports.states import TRANSITIONS

        for rule in TRANSITIONS.values():
            grant_verb(rule.verb, rule.roles)
