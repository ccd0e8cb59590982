// Geometry of what is drawn on a picture; all coordinates are shares of the picture, 0 to 1.
import type { Mark } from "./data";

export const SVG_SIZE = 1000; // units of the drawing's viewBox

const ARROW_LENGTH = 0.06;
const HEAD_BASE = 0.035; // where on the arrow its head begins
const HEAD_WIDTH = 0.02;

/** A path: an arrow from the middle of a line to its right, the way that counts as "forward". */
export function forwardArrow(mark: Mark): string {
  const [[x1, y1], [x2, y2]] = mark.points as [[number, number], [number, number]];
  const length = Math.hypot(x2 - x1, y2 - y1) || 1;
  const [alongX, alongY] = [(x2 - x1) / length, (y2 - y1) / length];
  const [normalX, normalY] = [-alongY, alongX];
  const [middleX, middleY] = [(x1 + x2) / 2, (y1 + y2) / 2];
  const point = (forward: number, aside: number) => {
    const x = middleX + normalX * forward + alongX * aside;
    const y = middleY + normalY * forward + alongY * aside;
    return `${x * SVG_SIZE} ${y * SVG_SIZE}`;
  };
  const [tip, left, right] = [point(ARROW_LENGTH, 0), point(HEAD_BASE, HEAD_WIDTH), point(HEAD_BASE, -HEAD_WIDTH)];
  return `M${point(0, 0)}L${tip}M${left}L${tip}L${right}`;
}

/** A new corner in the middle of the edge behind `corner`. */
export function splitEdge(mark: Mark, corner: number): void {
  const [from, to] = [mark.points[corner], mark.points[(corner + 1) % mark.points.length]];
  if (from && to) mark.points.splice(corner + 1, 0, [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2]);
}

/** Inside of the picture, on four digits: finer than any camera's pixels, and short in the form. */
export function clampShare(share: number): number {
  return Math.round(Math.min(1, Math.max(0, share)) * 10_000) / 10_000;
}
