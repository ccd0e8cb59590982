"""Where a case is, for maps, telephones and people."""

from qlue.reports.records import ReportRecord

MAP_MARGIN = 0.004  # degrees around a place that its map shows


# Six decimals are a hand's breadth; more is noise.
def place_context(report: ReportRecord) -> dict[str, str]:
    """Context of `work/_place.html`."""
    lon, lat, code = report.lon, report.lat, report.code
    box = (lon - MAP_MARGIN, lat - MAP_MARGIN, lon + MAP_MARGIN, lat + MAP_MARGIN)
    return {
        # Opens the map app of the phone; `q` sets a pin, which some apps leave out for a bare geo address.
        "geo": f"geo:{lat:.6f},{lon:.6f}?q={lat:.6f},{lon:.6f}({code})",
        "point": f"{lon:.6f},{lat:.6f}",
        "words": f"{lat:.6f}, {lon:.6f}",
        "bounds": ",".join(f"{side:.6f}" for side in box),
    }
