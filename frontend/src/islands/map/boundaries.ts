// The city's areas: fetched once for a page, and asked in which of them a point lies.
import type { Feature, FeatureCollection, MultiPolygon, Polygon, Position } from "geojson";

export interface AreaProperties {
  id: number;
  code: string;
  name: string;
  level: "kecamatan" | "kelurahan";
  parent: number | string | null;
  lon?: number;
  lat?: number;
}
export type Area = Feature<Polygon | MultiPolygon, AreaProperties>;
export type Areas = FeatureCollection<Polygon | MultiPolygon, AreaProperties>;

export const NO_AREAS: Areas = { type: "FeatureCollection", features: [] };
const requests = new Map<string, Promise<Areas>>();

/** The areas behind an address, for all maps of a page together; no address means none. A failed fetch is not remembered. */
export function fetchAreas(url: string | undefined): Promise<Areas> {
  if (!url) return Promise.resolve(NO_AREAS);
  const earlier = requests.get(url);
  if (earlier) return earlier;
  const request = fetchGeoJson(url);
  request.catch(() => requests.delete(url));
  requests.set(url, request);
  return request;
}

/** Without `no-cache`, unlike fetchJson: boundaries change once in years, and are large. */
async function fetchGeoJson(url: string): Promise<Areas> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return (await response.json()) as Areas;
}

/** The kelurahan at a position, and the kecamatan around it. */
export function areasAround(areas: Areas, lon: number, lat: number): AreaProperties[] {
  const around = areas.features.filter((area) => contains(area, [lon, lat])).map((area) => area.properties);
  return around.sort((a, b) => b.level.localeCompare(a.level)); // kelurahan before kecamatan
}

function contains(area: Area, point: Position): boolean {
  return polygons(area).some(([outer, ...holes]) => isInRing(outer, point) && !holes.some((hole) => isInRing(hole, point)));
}

function polygons(area: Area): Position[][][] {
  return area.geometry.type === "Polygon" ? [area.geometry.coordinates] : area.geometry.coordinates;
}

/** Ray casting: an odd number of crossings to the east means inside. */
function isInRing(ring: Position[] | undefined, [x = 0, y = 0]: Position): boolean {
  let isInside = false;
  let [previousX = 0, previousY = 0] = ring?.at(-1) ?? [];
  for (const [nextX = 0, nextY = 0] of ring ?? []) {
    const isCrossing = nextY > y !== previousY > y;
    if (isCrossing && x < ((previousX - nextX) * (y - nextY)) / (previousY - nextY) + nextX) isInside = !isInside;
    [previousX, previousY] = [nextX, nextY];
  }
  return isInside;
}

/** One point for each area's name. */
export function labelPoints(areas: Areas): FeatureCollection {
  const features = areas.features.map((area): Feature => {
    const { name, level, id } = area.properties;
    return { type: "Feature", properties: { name, level, id }, geometry: { type: "Point", coordinates: labelPoint(area) } };
  });
  return { type: "FeatureCollection", features };
}

/** As the server says, which knows a point inside of the area; else by the box. */
export function labelPoint(area: Area): [number, number] {
  const { lon, lat } = area.properties;
  return typeof lon === "number" && typeof lat === "number" ? [lon, lat] : boxCentre(area);
}

/** Middle of the box around the largest ring: good enough for a name. */
function boxCentre(area: Area): [number, number] {
  const outerRings = polygons(area).map((polygon) => polygon[0] ?? []);
  const ring = outerRings.reduce((largest, other) => (other.length > largest.length ? other : largest), []);
  const xs = ring.map(([x = 0]) => x);
  const ys = ring.map(([, y = 0]) => y);
  return [(Math.min(...xs) + Math.max(...xs)) / 2, (Math.min(...ys) + Math.max(...ys)) / 2];
}
