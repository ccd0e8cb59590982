"""One case with everything around it: photos, history, names of staff, whether a contact is known."""

from qlue.cities.facts import CityFacts
from qlue.kit.db import SqlParams, fetch_all
from qlue.reports.queries.reports import list_events, list_photos
from qlue.reports.records import AID, CONTACTS, REPORTS, ReportRecord
from qlue.reports.states import PhotoKind
from qlue.work.queries.names import user_names
from qlue.work.records import CaseDetails

# Only whether there is a contact: the contact itself is read when somebody asks for it, and the access is logged.
CONTACT_AND_COPIES = f"""
SELECT EXISTS (SELECT FROM {CONTACTS} AS c WHERE c.city_id = %(city)s AND c.report_id = %(id)s)
        OR EXISTS (SELECT FROM {AID} AS a WHERE a.city_id = %(city)s AND a.report_id = %(id)s),
    (SELECT coalesce(array_agg(report_code(%(prefix)s, m.id) ORDER BY m.id), '{{}}') FROM {REPORTS} AS m
     WHERE m.city_id = %(city)s AND m.merged_into_id = %(id)s)
"""


def case_details(city: CityFacts, report: ReportRecord) -> CaseDetails:
    """Photos, events with the names of staff, codes of merged copies. Four statements."""
    params: SqlParams = {"city": city.id, "id": report.id, "prefix": city.code_prefix}
    has_contact, copies = fetch_all(CONTACT_AND_COPIES, params)[0]
    events = list_events(city, report.id)
    people = {
        report.assignee_id,
        *(event.actor_id for event in events),
        *(event.data.get("person") for event in events),
    }
    return CaseDetails(
        has_contact=has_contact,
        copies=copies,
        photos=[photo for photo in list_photos(city, report.id) if photo.kind == PhotoKind.BEFORE],
        events=events,
        names=user_names(people),
    )
