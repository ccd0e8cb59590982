from django.apps import AppConfig


class WorkConfig(AppConfig):
    name = "qlue.work"
    label = "work"

    def ready(self) -> None:
        from qlue.reports.presentation.history import register_sentences
        from qlue.work.presentation.history import INTERNAL_KINDS, WORK_ICONS, WORK_SENTENCES

        # From here, because reports must not know the rooms above it.
        register_sentences(WORK_SENTENCES, WORK_ICONS, INTERNAL_KINDS)
