from hypothesis import given
from hypothesis import strategies as st

from qlue.kit import geo

LON, LAT = st.floats(-179.9, 179.9), st.floats(-84, 84)


@given(LON, LAT)
def test_a_cell_leads_back_to_within_a_metre(lon: float, lat: float) -> None:
    assert geo.distance_m(lon, lat, *geo.centre(geo.cell(lon, lat))) < 1.0


@given(LON, LAT, st.floats(0.0001, 0.5), st.floats(0.0001, 0.5))
def test_a_viewport_covers_every_point_in_it_with_few_ranges(lon: float, lat: float, wide: float, high: float) -> None:
    ranges = geo.viewport_ranges(lon, lat, lon + wide, lat + high)
    assert len(ranges) <= 16
    for x, y in ((lon, lat), (lon + wide, lat + high), (lon + wide / 2, lat + high / 3)):
        assert any(first <= geo.cell(x, y) <= last for first, last in ranges)


def test_a_tile_is_one_range_and_holds_its_children() -> None:
    first, last = geo.tile_range(10, 853, 526)
    child_first, child_last = geo.tile_range(11, 1706, 1052)
    assert first <= child_first <= child_last <= last


def test_distance_makassar_to_tomohon() -> None:
    assert abs(geo.distance_m(119.43, -5.13, 124.83, 1.33) - 934_000) < 5_000


def test_what_is_no_position() -> None:
    for lon, lat in ((float("nan"), 0), (0, float("inf")), (0, 119.4), (200, 0)):
        assert not geo.is_position(lon, lat)
