"""Social assistance (bansos): what its form asks beyond a report, and the NIK that is never kept in clear."""

import hashlib
import hmac
import re
from dataclasses import dataclass

from django.conf import settings

from qlue.cities.facts import CityFacts
from qlue.kit.db import execute

# Region (6 digits), day, month and year of birth, running number. The form of a NIK; whose it is, only Dukcapil knows.
NIK = re.compile(r"[1-9]\d{5}(\d{2})(\d{2})\d{2}\d{4}")
INSERT_AID = """
INSERT INTO reports_aid (city_id, report_id, nik_hash, nik_last4, program, matter, household)
VALUES (%s, %s, %s, %s, %s, %s, %s)
"""


@dataclass(frozen=True)
class Aid:
    """`nik` is sixteen digits or empty; `program` and `matter` are keys of the form; `household` counts people."""

    nik: str
    program: str
    matter: str
    household: int | None


def is_nik(text: str) -> bool:
    """Sixteen digits: region (6), date of birth (6; women add 40 to the day), running number (4)."""
    match = NIK.fullmatch(text)
    if match is None:
        return False
    day, month = int(match[1]), int(match[2])
    return (1 <= day <= 31 or 41 <= day <= 71) and 1 <= month <= 12


def nik_hash(city: CityFacts, nik: str) -> str:
    """HMAC-SHA256 with this installation's key, another one for each city: equal NIKs are found, none is read back."""
    # A plain hash would be no secret: there are few enough NIKs to try them all.
    key = hashlib.sha256(f"nik:{settings.SECRET_KEY}".encode()).digest()
    return hmac.new(key, f"{city.id}:{nik}".encode(), hashlib.sha256).hexdigest()


def store_aid(city: CityFacts, report_id: int, aid: Aid) -> None:
    """Inside the transaction that stores the report."""
    # NULL without a NIK: equal hashes mean the same household, and empty ones must not be equal.
    digest, last = (nik_hash(city, aid.nik), aid.nik[-4:]) if aid.nik else (None, "")
    execute(INSERT_AID, [city.id, report_id, digest, last, aid.program, aid.matter, aid.household])
