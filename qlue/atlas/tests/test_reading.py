from qlue.atlas.queries import facilities, indicators, per_thousand, population
from qlue.atlas.tests.making import figures, places
from qlue.kit.db import enter_city


def test_figures_of_kelurahan_add_up_to_their_kecamatan(makassar):
    figures(makassar, "penduduk", {one.id: 1000 for one in makassar.kelurahan})
    first = makassar.kecamatan[0]
    inside = [one for one in makassar.kelurahan if one.parent_id == first.id]
    found = population(makassar)
    assert found[inside[0].id] == 1000
    assert found[first.id] == 1000 * len(inside)


def test_a_kecamatan_with_an_unknown_kelurahan_has_no_sum(makassar):
    figures(makassar, "penduduk", {one.id: 1000 for one in makassar.kelurahan[1:]})
    lacking = makassar.kelurahan[0].parent_id
    found = population(makassar)
    assert lacking not in found
    assert any(one.id in found for one in makassar.kecamatan)


def test_shares_are_averaged_by_population(makassar):
    first = makassar.kecamatan[0]
    inside = [one.id for one in makassar.kelurahan if one.parent_id == first.id]
    figures(makassar, "penduduk", dict.fromkeys(inside, 100) | {inside[0]: 900})
    figures(makassar, "kemiskinan", dict.fromkeys(inside, 10) | {inside[0]: 20}, topic="poverty", sums=False)
    share = indicators(makassar)["kemiskinan"][first.id]
    others = len(inside) - 1
    assert abs(share - (900 * 20 + others * 100 * 10) / (900 + others * 100)) < 1e-9


def test_facilities_are_listed_and_counted_with_zeros(makassar):
    one, other = makassar.kelurahan[:2]
    places(makassar, "puskesmas", [("Puskesmas A", one.id), ("Puskesmas B", one.id)])
    assert facilities(makassar, "health") == [
        ("Puskesmas A", one.lon, one.lat, one.id),
        ("Puskesmas B", one.lon, one.lat, one.id),
    ]
    assert facilities(makassar, "schools") == []
    counts = indicators(makassar)["puskesmas"]
    assert (counts[one.id], counts[other.id]) == (2, 0)


def test_a_real_population_goes_before_an_example(makassar):
    area = makassar.kelurahan[0].id
    figures(makassar, "contoh", {area: 5}, example=True)
    figures(makassar, "sensus", {area: 7}, example=False)
    assert population(makassar)[area] == 7


def test_per_thousand_leaves_out_what_has_no_people():
    assert per_thousand({1: 5, 2: 5, 3: 5}, {1: 2500, 2: 0}) == {1: 2.0}


def test_hidden_datasets_are_for_members_only(makassar):
    figures(makassar, "pajak", {makassar.kelurahan[0].id: 3}, topic="tax", public=False)
    assert "pajak" in indicators(makassar)
    assert "pajak" not in indicators(makassar, public_only=True)


def test_another_city_sees_nothing_of_it(makassar, tomohon):
    enter_city(makassar.id)
    figures(makassar, "penduduk", {makassar.kelurahan[0].id: 3})
    enter_city(tomohon.id)
    assert population(tomohon) == {}
    assert indicators(makassar) == {}
