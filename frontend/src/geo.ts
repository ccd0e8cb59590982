export interface LonLat {
  lon: number;
  lat: number;
}

const METRES_PER_DEGREE = 111_320;

/** As on a flat earth, which within a city is wrong by far less than one per cent. */
export function metresBetween(from: LonLat, to: LonLat): number {
  const east = (to.lon - from.lon) * Math.cos((from.lat * Math.PI) / 180);
  return METRES_PER_DEGREE * Math.hypot(east, to.lat - from.lat);
}
