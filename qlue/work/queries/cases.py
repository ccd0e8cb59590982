"""One case with everything around it: photos, history, names of staff, whether a contact is known."""

from typing import Any

from qlue.cities.facts import CityFacts
from qlue.kit.db import fetch_all
from qlue.reports.queries.reports import event_rows, photo_rows
from qlue.reports.records import AID, CONTACTS, REPORTS
from qlue.reports.states import PhotoKind
from qlue.work.queries.names import user_names

Row = dict[str, Any]

# Only whether there is a contact: the contact itself is read when somebody asks for it, and the access is logged.
CONTACT_AND_COPIES = f"""
SELECT EXISTS (SELECT FROM {CONTACTS} AS c WHERE c.city_id = %(city)s AND c.report_id = %(id)s)
        OR EXISTS (SELECT FROM {AID} AS a WHERE a.city_id = %(city)s AND a.report_id = %(id)s),
    (SELECT coalesce(array_agg(report_code(%(prefix)s, m.id) ORDER BY m.id), '{{}}') FROM {REPORTS} AS m
     WHERE m.city_id = %(city)s AND m.merged_into_id = %(id)s)
"""


def case_details(city: CityFacts, row: Row) -> Row:
    """Around a `reports.queries.report_row`: photos, events with the names of staff, codes of merged copies.

    Four statements. The names are for staff only; the public history has roles in their place.
    """
    params = {"city": city.id, "id": row["id"], "prefix": city.code_prefix}
    has_contact, copies = fetch_all(CONTACT_AND_COPIES, params)[0]
    photos, events = photo_rows(city, row["id"]), event_rows(city, row["id"])
    people = {
        row["assignee"],
        *(event["actor"] for event in events),
        *(event["data"].get("person") for event in events),
    }
    names = user_names(people)
    return {
        "has_contact": has_contact,
        "copies": copies,
        "photos": [photo for photo in photos if photo["kind"] == PhotoKind.BEFORE],
        "story": events,
        "names": names,
        "assignee_name": names.get(row["assignee"], ""),
    }
