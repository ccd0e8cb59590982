"""A member's notices: the newest ones, and how many are new."""

from qlue.cities.facts import CityFacts
from qlue.kit.db import SqlParams, fetch_records, fetch_value
from qlue.people.models import AGENCY_ROLES, Membership
from qlue.people.rights import may
from qlue.reports.records import REPORT_COLUMNS, REPORTS
from qlue.work.records import NoticeRecord

MOST_NOTICES = 30
MOST_COUNTED = 99  # the bell shows "99+" beyond

# For the person; or, where no person is named, for the agency or (without one) for the operators.
INBOX = """
FROM work_notice n WHERE n.city_id = %(city)s
AND (n.user_id = %(user)s OR n.user_id IS NULL AND n.agency_id IS NOT DISTINCT FROM %(agency)s AND %(shared)s)
"""
LAST_SEEN = "coalesce((SELECT last_id FROM work_seen WHERE city_id = %(city)s AND user_id = %(user)s), 0)"
NOTICES = f"""
SELECT {REPORT_COLUMNS}, n.id AS notice_id, n.kind, n.created_at AS notified_at, n.id > {LAST_SEEN} AS is_new
FROM (SELECT n.* {INBOX} ORDER BY n.id DESC LIMIT %(limit)s) n
JOIN {REPORTS} AS r ON r.city_id = n.city_id AND r.id = n.report_id ORDER BY n.id DESC
"""


def _inbox_params(member: Membership) -> SqlParams:
    """Their own, and their agency's; what no agency has yet is for those who can route it."""
    shared = member.role in AGENCY_ROLES or may(member, "reroute")
    return {"city": member.city_id, "user": member.user_id, "agency": member.agency_id, "shared": shared}


def member_notices(city: CityFacts, member: Membership) -> list[NoticeRecord]:
    """The newest notices of a member, with what they are about."""
    params = {**_inbox_params(member), "prefix": city.code_prefix, "limit": MOST_NOTICES}
    return fetch_records(NoticeRecord, NOTICES, params)


def count_unseen_notices(member: Membership) -> int:
    """How many notices are new, counted up to 100."""
    # Every page of staff shows it: somebody back from a long leave must not make each of them count thousands.
    sql = f"SELECT count(*) FROM (SELECT {INBOX} AND n.id > {LAST_SEEN} LIMIT {MOST_COUNTED + 1}) t"  # noqa: S608
    return int(fetch_value(sql, _inbox_params(member)))
