from django.apps import AppConfig

# Photos of chats that have not become a report; a dialogue that rested for longer begins anew.
DRAFTS = """
SELECT (photo->>'uuid')::uuid FROM channels_conversation c, jsonb_path_query(c.state, '$.**.photos[*]') AS photo
WHERE c.city_id = %(city)s AND c.heard_at > now() - interval '2 days' AND photo->>'uuid' = ANY(%(photos)s::text[])
"""


class ChannelsConfig(AppConfig):
    name = "qlue.channels"
    label = "channels"

    def ready(self) -> None:
        from qlue.channels.reading.authorities import letters_about
        from qlue.channels.story import ICONS, INSIDE, SENTENCES
        from qlue.reports.actions import add_use
        from qlue.reports.story import add_sentences
        from qlue.work.reading import letters_from

        letters_from(letters_about)
        add_use(DRAFTS)
        add_sentences(SENTENCES, ICONS, INSIDE)
