"""Real reports for tests: Chicago's sanitation complaints, and a city made of a grid over their bounding box."""

import json
from pathlib import Path

FILE = Path(__file__).parents[4] / "shared" / "data" / "chicago_sanitation_311.parquet"
ROWS = 74_401
WEST, SOUTH, EAST, NORTH = -87.91, 41.64, -87.52, 42.03
SIDE = 8

CITY = f"""\
slug = "chicago"
name = "Chicago"
country = "US"
timezone = "America/Chicago"
prefix = "CHI"
centre = {{ lat = 41.84, lon = -87.68 }}
bounds = {{ west = {WEST}, south = {SOUTH}, east = {EAST}, north = {NORTH} }}
"""
AGENCIES = "slug,name,short_name,phone,email\nstreets,Streets and Sanitation,Streets,,\nhealth,Public Health,Health,,\n"
CATEGORIES = (
    "slug,name,name_en,icon,agency,private,words\n"
    "sampah,Sampah,Waste,trash,streets,,\n"
    "genangan,Genangan,Standing water,flood,health,,\n"
    "lainnya,Lainnya,Other,trash,streets,,\n"
)
DEADLINES = "category,respond_hours,resolve_hours,clock\n*,8,40,working\ngenangan,2,24,always\n"

MAPPING = """\
[external_id]
column = "Service_Request_Number"

[created_at]
column = "Creation_Date"

[closed_at]
column = "Completion_Date"

[place]
lon = "Longitude"
lat = "Latitude"

[category]
column = "What_is_the_Nature_of_this_Code_Violation"
default = "lainnya"
[category.words]
"Garbage in alley" = "sampah"
"Garbage in yard" = "sampah"
"Dumpster not being emptied" = "sampah"
"Overflowing carts" = "sampah"
"Standing water" = "genangan"

[status]
column = "Status"
[status.words]
"Completed" = "resolved"
"Completed - Dup" = "merged"
"Open" = "routed"
"Open - Dup" = "merged"

[words]
template = "{What_is_the_Nature_of_this_Code_Violation}: {Street_Address}"

[landmark]
template = "{Street_Address}"
"""


def pack(folder: Path) -> Path:
    """Writes the city: 64 squares as kelurahan, in four kecamatan."""
    folder.mkdir()
    features = [_square(x, y) for x in range(SIDE) for y in range(SIDE)]
    names = [{"code": f"K{n}", "name": f"Quarter {n}", "level": "kecamatan"} for n in range(4)]
    features += [{"type": "Feature", "properties": one, "geometry": None} for one in names]
    (folder / "areas.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    for name, text in {"city.toml": CITY, "agencies.csv": AGENCIES, "categories.csv": CATEGORIES}.items():
        (folder / name).write_text(text)
    (folder / "deadlines.csv").write_text(DEADLINES)
    return folder


def _square(x: int, y: int) -> dict[str, object]:
    wide, high = (EAST - WEST) / SIDE, (NORTH - SOUTH) / SIDE
    west, south = WEST + x * wide, SOUTH + y * high
    ring = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]
    corners = [[round(west + a * wide, 6), round(south + b * high, 6)] for a, b in ring]
    code = f"G{x}{y}"
    properties = {"code": code, "name": f"Square {code}", "level": "kelurahan", "parent": f"K{x // 4 * 2 + y // 4}"}
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [corners]}}
