"""Champion and challenger: a new model serves only where it did better on reports that neither had seen."""

from datetime import datetime
from typing import Any

from django.db import transaction

from qlue.cities.facts import CityFacts
from qlue.insight.artefact import packed, seal
from qlue.insight.models import TrainedModel
from qlue.kit.clock import now

KEPT = 60  # rows of a kind that tell how the nights went


def settled(
    city: CityFacts,
    kind: str,
    arrays: dict[str, Any],
    *,
    wins: bool,
    scores: dict[str, float],
    champion: dict[str, float],
    until: datetime,
    sizes: tuple[int, int],
    thresholds: dict[str, float] | None = None,
) -> TrainedModel:
    """Writes down how the contest ended; the winner serves from now on, and the loser's bytes are dropped."""
    data = packed(arrays) if wins else None
    with transaction.atomic():
        mine = TrainedModel.objects.filter(city_id=city.id, kind=kind)
        if wins:
            mine.filter(serves=True).update(serves=False, artefact=None, seal="")
        made = TrainedModel.objects.create(
            city_id=city.id,
            kind=kind,
            serves=wins,
            won=wins,
            trained_until=until,
            made_at=now(),
            n_train=sizes[0],
            n_test=sizes[1],
            scores=scores,
            champion=champion,
            thresholds=thresholds or {},
            artefact=data,
            seal=seal(data) if data else "",
        )
        old = mine.filter(serves=False).order_by("-id").values_list("id", flat=True)[KEPT:]
        mine.filter(pk__in=list(old)).delete()
    return made
