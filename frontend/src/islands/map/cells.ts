// Where a counted cell lies: the Morton code of its web-mercator position (qlue/kit/geo.py), undone.

const BITS = 26; // per axis

export interface Cluster {
  n: number;
  red?: number;
  yellow?: number;
  green?: number;
  lon?: number;
  lat?: number;
  cell?: number;
}

/** [lon, lat] of a cluster: its own, or the middle of the cell that was shifted right by `shift` bits. */
export function middleOf(cluster: Cluster, shift: number): [number, number] {
  if (cluster.lon !== undefined && cluster.lat !== undefined) return [cluster.lon, cluster.lat];
  const side = 2 ** (BITS - shift / 2);
  const x = (everySecondBit(cluster.cell ?? 0) + 0.5) / side;
  const y = (everySecondBit(Math.floor((cluster.cell ?? 0) / 2)) + 0.5) / side;
  return [x * 360 - 180, (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI];
}

/** Bits 0, 2, 4 … side by side. By division, for codes are longer than the 32 bits of JavaScript's operators. */
function everySecondBit(code: number): number {
  let gathered = 0;
  for (let bit = 1; code >= 1; bit *= 2) {
    if (code % 2) gathered += bit;
    code = Math.floor(code / 4);
  }
  return gathered;
}
