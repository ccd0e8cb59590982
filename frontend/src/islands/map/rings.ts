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

const TWELFTHS = 12;
const RATIO = 2; // pixels per CSS pixel
const SIZES: readonly [number, number][] = [[10, 34], [100, 40], [1000, 48], [Infinity, 58]]; // below n, CSS pixels

/** Name of the image for a cluster; draws it when the map does not have it yet. */
export function ringFor(map: GlMap, cluster: Cluster): string {
  const size = SIZES.find(([below]) => cluster.n < below)?.[1] ?? 58;
  const parts = shares(cluster);
  const id = `ring-${size}-${parts.join("-")}`;
  if (!map.hasImage(id)) map.addImage(id, drawn(size, parts), { pixelRatio: RATIO });
  return id;
}

/** Twelfths of red, yellow, green; the rest is grey. What exists at all has at least one. */
function shares({ n, red = 0, yellow = 0, green = 0 }: Cluster): number[] {
  let left = TWELFTHS;
  return [red, yellow, green].map((part) => {
    const wanted = part && n ? Math.max(1, Math.round((TWELFTHS * part) / n)) : 0;
    const given = Math.min(left, wanted);
    left -= given;
    return given;
  });
}

function drawn(size: number, parts: number[]): ImageData {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size * RATIO;
  const pen = canvas.getContext("2d") as CanvasRenderingContext2D;
  const middle = (size * RATIO) / 2;
  const disc = (radius: number, colour: string, from = 0, to = 1) => {
    pen.beginPath();
    pen.moveTo(middle, middle);
    pen.arc(middle, middle, radius, Math.PI * (2 * from - 0.5), Math.PI * (2 * to - 0.5));
    pen.fillStyle = colour;
    pen.fill();
  };
  disc(middle, "rgba(16,24,40,0.16)");
  disc(middle - 2, "#fff");
  let from = 0;
  const rest = TWELFTHS - parts.reduce((a, b) => a + b, 0);
  [...parts, rest].forEach((part, i) => {
    const to = from + part / TWELFTHS;
    if (part) disc(middle - 4, [FILLS.red, FILLS.yellow, FILLS.green, FILLS.grey][i] ?? FILLS.grey, from, to);
    from = to;
  });
  disc(middle - 4 - 5 * RATIO, "#fff");
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}
