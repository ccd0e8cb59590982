// Ring images for clusters: shares of red, yellow and green, rounded to twelfths so that few images serve all.
import type { Map as GlMap } from "maplibre-gl";
import { FILLS } from "./colours";

export interface Cluster {
  lon: number;
  lat: number;
  n: number;
  red?: number;
  yellow?: number;
  green?: number;
}

export const TWELFTHS = 12;
const PIXEL_RATIO = 2; // pixels per CSS pixel
const DIAMETERS: readonly (readonly [below: number, pixels: number])[] = [[10, 34], [100, 40], [1000, 48]]; // CSS pixels
const LARGEST_DIAMETER = 58;
const COLOURS = [FILLS.red, FILLS.yellow, FILLS.green, FILLS.grey];

/** Name of the image for a cluster; draws it when the map does not have it yet. */
export function ringImage(map: GlMap, cluster: Cluster): string {
  const diameter = ringDiameter(cluster.n);
  const shares = ringShares(cluster);
  const name = `ring-${diameter}-${shares.join("-")}`;
  if (!map.hasImage(name)) map.addImage(name, drawRing(diameter, shares), { pixelRatio: PIXEL_RATIO });
  return name;
}

export function ringDiameter(count: number): number {
  return DIAMETERS.find(([below]) => count < below)?.[1] ?? LARGEST_DIAMETER;
}

/** Twelfths of red, yellow, green; the rest is grey. What exists at all has at least one, and together at most twelve. */
export function ringShares({ n, red = 0, yellow = 0, green = 0 }: Cluster): number[] {
  let left = TWELFTHS;
  return [red, yellow, green].map((count) => {
    const rounded = count && n ? Math.max(1, Math.round((TWELFTHS * count) / n)) : 0;
    const share = Math.min(left, rounded);
    left -= share;
    return share;
  });
}

/** A shadow, a white edge, the coloured pieces from the top clockwise, and a white middle for the count. */
function drawRing(diameter: number, shares: number[]): ImageData {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = diameter * PIXEL_RATIO;
  const context = canvas.getContext("2d") as CanvasRenderingContext2D;
  const middle = (diameter * PIXEL_RATIO) / 2;
  const fillSector = (radius: number, colour: string, from = 0, to = 1) => {
    context.beginPath();
    context.moveTo(middle, middle);
    context.arc(middle, middle, radius, Math.PI * (2 * from - 0.5), Math.PI * (2 * to - 0.5));
    context.fillStyle = colour;
    context.fill();
  };
  fillSector(middle, "rgba(16,24,40,0.16)");
  fillSector(middle - 2, "#fff");
  const grey = TWELFTHS - shares.reduce((sum, share) => sum + share, 0);
  let from = 0;
  [...shares, grey].forEach((share, i) => {
    const to = from + share / TWELFTHS;
    if (share) fillSector(middle - 4, COLOURS[i] ?? FILLS.grey, from, to);
    from = to;
  });
  fillSector(middle - 4 - 5 * PIXEL_RATIO, "#fff");
  return context.getImageData(0, 0, canvas.width, canvas.height);
}
