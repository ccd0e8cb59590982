from qlue.atlas.models import Dataset
from qlue.atlas.queries import facilities, indicators, population
from qlue.demo.atlas import seed_atlas


def test_the_demo_sows_examples_once_and_says_so(tomohon):
    seed_atlas(tomohon)
    seed_atlas(tomohon)
    assert Dataset.objects.count() == 8
    assert all(one.example and one.current_id and "contoh" in one.name for one in Dataset.objects.all())
    people = population(tomohon)
    assert set(people) == {one.id for one in (*tomohon.kelurahan, *tomohon.kecamatan)}
    assert facilities(tomohon, "health")
    assert len(indicators(tomohon, public_only=True)) == 6
