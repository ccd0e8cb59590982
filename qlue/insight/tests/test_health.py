"""What the doctor says of models."""

import psycopg

from qlue.insight.health import model_findings
from qlue.insight.models import TrainedModel
from qlue.kit.clock import now


def test_the_doctor_names_a_model_that_is_not_ours(committed_db, owner_url):
    from qlue.cities.facts import city_facts
    from qlue.kit.db import in_city

    with psycopg.connect(owner_url) as connection:
        assert [one.state for one in model_findings(connection)] == ["good"]
    city = city_facts("makassar")
    assert city
    with in_city(city.id):
        TrainedModel.objects.create(
            city_id=city.id, kind="agency", serves=True, trained_until=now(), made_at=now(), n_train=1, n_test=1,
            scores={"accuracy": 1}, artefact=b"strange", seal="0" * 64,
        )  # fmt: skip
    with psycopg.connect(owner_url) as connection:
        (told,) = model_findings(connection)
    assert told.state == "bad"
    assert "makassar agency" in told.text
