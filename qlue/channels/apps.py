from django.apps import AppConfig

# Photos of dialogues that have not become a report yet: the sweep of unused photos must leave them. Two days are
# enough, because a dialogue that rests for one day begins anew (`conversations.DIALOGUE_TIMEOUT`).
DRAFTS = """
SELECT (photo->>'uuid')::uuid FROM channels_conversation c, jsonb_path_query(c.state, '$.**.photos[*]') AS photo
WHERE c.city_id = %(city)s AND c.heard_at > now() - interval '2 days' AND photo->>'uuid' = ANY(%(photos)s::text[])
"""


class ChannelsConfig(AppConfig):
    name = "qlue.channels"
    label = "channels"

    def ready(self) -> None:
        # The rooms below cannot import this one, so it hands them what they shall call and show.
        # Rooms below cannot import this one, so it hands them what they shall call.
        from qlue.channels.presentation.events import ICONS, INSIDE, SENTENCES
        from qlue.channels.queries.authorities import authority_mails
        from qlue.reports.actions import register_photo_use
        from qlue.reports.presentation.history import register_sentences
        from qlue.work.queries.letters import register_letter_reader

        register_letter_reader(authority_mails)
        register_photo_use(DRAFTS)
        register_sentences(SENTENCES, ICONS, INSIDE)
