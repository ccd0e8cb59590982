"""Champion and challenger: a new model serves only where it did better on reports that neither had seen."""

from collections.abc import Mapping
from datetime import datetime

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from qlue.cities.facts import CityFacts
from qlue.insight.models import TrainedModel
from qlue.insight.registry.artefacts import pack_arrays, seal_of
from qlue.kit.clock import now

KEPT_RESULTS = 60  # of a kind: two months of nights


def save_training_result(
    city: CityFacts,
    kind: str,
    arrays: Mapping[str, NDArray[np.generic]],
    *,
    is_better: bool,
    scores: dict[str, float],
    champion: dict[str, float],
    until: datetime,
    sizes: tuple[int, int],
    thresholds: dict[str, float] | None = None,
) -> TrainedModel:
    """Stores how a challenger did; a better one serves from now on. Bytes of models that do not serve are dropped."""
    data = pack_arrays(arrays) if is_better else None
    with transaction.atomic():
        models = TrainedModel.objects.filter(city_id=city.id, kind=kind)
        # Before the insert: a constraint allows one serving model of a kind.
        if is_better:
            models.filter(serves=True).update(serves=False, artefact=None, seal="")
        model = TrainedModel.objects.create(
            city_id=city.id,
            kind=kind,
            serves=is_better,
            won=is_better,
            trained_until=until,
            made_at=now(),
            n_train=sizes[0],
            n_test=sizes[1],
            scores=scores,
            champion=champion,
            thresholds=thresholds or {},
            artefact=data,
            seal=seal_of(data) if data else "",
        )
        old = models.filter(serves=False).order_by("-id").values_list("id", flat=True)[KEPT_RESULTS:]
        models.filter(pk__in=list(old)).delete()
    return model
