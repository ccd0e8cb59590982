// The city's areas: fetched once for a page, and asked in which of them a point lies.
import type { Feature, FeatureCollection, MultiPolygon, Polygon, Position } from "geojson";

export interface AreaFacts {
  id: number;
  code: string;
  name: string;
  level: "kecamatan" | "kelurahan";
  parent: number | string | null;
  lon?: number;
  lat?: number;
}
export type Area = Feature<Polygon | MultiPolygon, AreaFacts>;
export type Areas = FeatureCollection<Polygon | MultiPolygon, AreaFacts>;

export const NO_AREAS: Areas = { type: "FeatureCollection", features: [] };
const fetched = new Map<string, Promise<Areas>>();

/** The areas behind an address; no address means none. A failed fetch is not remembered. */
export function areasAt(url: string | undefined): Promise<Areas> {
  if (!url) return Promise.resolve(NO_AREAS);
  const known = fetched.get(url);
  if (known) return known;
  const asked = ask(url);
  asked.catch(() => fetched.delete(url));
  fetched.set(url, asked);
  return asked;
}

async function ask(url: string): Promise<Areas> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return (await answer.json()) as Areas;
}

/** The kelurahan at a position, and the kecamatan around it. */
export function areasAround(areas: Areas, lon: number, lat: number): AreaFacts[] {
  const around = areas.features.filter((area) => holds(area, [lon, lat])).map((area) => area.properties);
  return around.sort((a, b) => b.level.localeCompare(a.level)); // kelurahan before kecamatan
}

function holds(area: Area, point: Position): boolean {
  return polygons(area).some(([outer, ...holes]) => inRing(outer, point) && !holes.some((hole) => inRing(hole, point)));
}

function polygons(area: Area): Position[][][] {
  return area.geometry.type === "Polygon" ? [area.geometry.coordinates] : area.geometry.coordinates;
}

/** Ray casting: an odd number of crossings to the east means inside. */
function inRing(ring: Position[] | undefined, [x = 0, y = 0]: Position): boolean {
  let inside = false;
  let [px = 0, py = 0] = ring?.at(-1) ?? [];
  for (const [qx = 0, qy = 0] of ring ?? []) {
    if (qy > y !== py > y && x < ((px - qx) * (y - qy)) / (py - qy) + qx) inside = !inside;
    [px, py] = [qx, qy];
  }
  return inside;
}

/** One point for each area's name. */
export function labelPoints(areas: Areas): FeatureCollection {
  const features = areas.features.map((area): Feature => {
    const { name, level, id } = area.properties;
    return { type: "Feature", properties: { name, level, id }, geometry: { type: "Point", coordinates: labelPoint(area) } };
  });
  return { type: "FeatureCollection", features };
}

export function labelPoint(area: Area): [number, number] {
  const { lon, lat } = area.properties;
  return typeof lon === "number" && typeof lat === "number" ? [lon, lat] : middle(area);
}

/** Middle of the box around the largest ring: good enough for a name. */
function middle(area: Area): [number, number] {
  const rings = polygons(area).map((polygon) => polygon[0] ?? []);
  const ring = rings.reduce((a, b) => (b.length > a.length ? b : a), []);
  const xs = ring.map(([x = 0]) => x);
  const ys = ring.map(([, y = 0]) => y);
  return [(Math.min(...xs) + Math.max(...xs)) / 2, (Math.min(...ys) + Math.max(...ys)) / 2];
}
