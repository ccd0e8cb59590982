def test_x(makassar, tomohon):
    from qlue.cities.facts import area_at
    print(makassar, area_at(makassar, 119.4045, -5.1624))
