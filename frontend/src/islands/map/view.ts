// What part of the city a map shows, and where a finger is on it.

interface Bounds {
  getWest(): number;
  getSouth(): number;
  getEast(): number;
  getNorth(): number;
}

/**
 * Where the reports in view are fetched: `endpoint`, the filter's query in place of the endpoint's own, and the view.
 * Five digits of a degree are a metre.
 */
export function pointsUrl(endpoint: string, filterQuery: string, bounds: Bounds, zoom: number): string {
  const url = new URL(endpoint, location.href);
  if (filterQuery) url.search = filterQuery;
  const edges = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
  url.searchParams.set("bbox", edges.map((degrees) => degrees.toFixed(5)).join(","));
  url.searchParams.set("zoom", String(Math.max(0, Math.round(zoom))));
  return url.href;
}

/** A square around a pixel: a finger is not a needle. */
export function boxAround({ x, y }: { x: number; y: number }, pixels: number): [[number, number], [number, number]] {
  return [[x - pixels, y - pixels], [x + pixels, y + pixels]];
}
