from django.apps import AppConfig


class WorkConfig(AppConfig):
    name = "qlue.work"
    label = "work"

    def ready(self) -> None:
        from qlue.reports.story import add_sentences
        from qlue.work.story import ICONS, INSIDE, SENTENCES

        add_sentences(SENTENCES, ICONS, INSIDE)
