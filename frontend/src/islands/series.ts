// A sensor's curve: mean with the band between lowest and highest, the alarm levels as dashed lines. Asks again by itself.
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { make } from "../dom";
import { fresh } from "./map/ask";

interface Step {
  level: number;
  at: number;
}

interface Series {
  t: number[];
  mean: number[];
  low: number[];
  high: number[];
  label: string;
  unit: string;
  decimals: number;
  steps: Step[];
}

const AGAIN_MS = 10_000;
const EMPTY_AGAIN_MS = 3_000;
const HEIGHT = 300;
const BLUE = "#175cd3";
const BAND = "rgb(23 92 211 / 14%)";
const LEVELS: Record<number, string> = { 4: "#b54708", 3: "#b54708", 2: "#b42318", 1: "#b42318" };

/** Draws the series at `data-series`; what stands inside stays when it cannot be had. */
export function start(element: HTMLElement): void {
  void draw(element).catch(() => undefined);
}

async function draw(element: HTMLElement): Promise<void> {
  const url = element.dataset["series"] ?? "";
  const first = await fresh<Series>(url);
  if (!first.t.length) {
    element.replaceChildren(make("p", { class: "text-secondary" }, word(element, "empty")));
    window.setTimeout(() => element.isConnected && start(element), EMPTY_AGAIN_MS);
    return;
  }
  element.replaceChildren();
  element.setAttribute("role", "img");
  element.setAttribute("aria-label", spoken(first));
  const plot = new uPlot(options(element, first), columns(first), element);
  const resize = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }));
  resize.observe(element);
  element.dataset["idle"] = "1";
  const timer = window.setInterval(() => void again(), AGAIN_MS);

  async function again(): Promise<void> {
    if (!element.isConnected) {
      clearInterval(timer);
      resize.disconnect();
      plot.destroy();
      return;
    }
    if (document.hidden) return;
    const now = await fresh<Series>(url).catch(() => undefined);
    if (!now?.t.length) return;
    plot.setData(columns(now));
    element.setAttribute("aria-label", spoken(now));
  }
}

/** The element brings its own words: only few pages need them. */
function word(element: HTMLElement, name: string): string {
  return element.dataset[name] ?? name;
}

function columns(series: Series): uPlot.AlignedData {
  return [series.t, series.high, series.low, series.mean];
}

function spoken(series: Series): string {
  const last = series.mean.at(-1) ?? 0;
  return `${series.label}: ${shown(last, series)}`;
}

function shown(value: number | null, series: Series): string {
  if (value === null) return "–";
  const lang = document.documentElement.lang || "id";
  const digits = { minimumFractionDigits: series.decimals, maximumFractionDigits: series.decimals };
  return `${value.toLocaleString(lang, digits)} ${series.unit}`.trim();
}

function options(element: HTMLElement, series: Series): uPlot.Options {
  const value = (_plot: uPlot, at: number | null) => shown(at, series);
  const zone = element.dataset["zone"] ?? "Asia/Jakarta";
  const quiet = { stroke: "transparent", width: 0, points: { show: false } };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), zone),
    cursor: { y: false },
    axes: [
      { stroke: "#475467", grid: { stroke: "#eaecf0" }, values: (_plot, splits, _axis, _space, step) => times(splits, step, zone) },
      { stroke: "#475467", grid: { stroke: "#eaecf0" }, size: 56 },
    ],
    scales: { y: { range: (_plot, low, high) => room(low, high, series.steps) } },
    series: [
      { label: word(element, "time"), value: (_plot, at) => (at === null ? "–" : moment(at, zone)) },
      { label: word(element, "high"), value, ...quiet },
      { label: word(element, "low"), value, ...quiet },
      { label: series.label, value, stroke: BLUE, width: 2, points: { show: series.t.length < 60 } },
    ],
    bands: [{ series: [1, 2], fill: BAND }],
    hooks: { draw: [(plot) => series.steps.forEach((step) => levelLine(plot, step))] },
  };
}

/** The levels next to the values belong into the picture, those far away do not squeeze it. */
function room(low: number, high: number, steps: Step[]): [number, number] {
  const span = Math.max(high - low, Math.abs(high) * 0.05, 1);
  const near = steps.map((step) => step.at).filter((at) => at > low - span && at < high + span);
  return [Math.min(low, ...near) - span * 0.06, Math.max(high, ...near) + span * 0.08];
}

function levelLine(plot: uPlot, step: Step): void {
  const { ctx, bbox } = plot;
  const y = plot.valToPos(step.at, "y", true);
  if (y < bbox.top || y > bbox.top + bbox.height) return;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = LEVELS[step.level] ?? "#475467";
  ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.font = `${11 * devicePixelRatio}px sans-serif`;
  ctx.fillText(String(step.level), bbox.left + 4 * devicePixelRatio, y - 4 * devicePixelRatio);
  ctx.restore();
}

function times(splits: number[], step: number, timeZone: string): string[] {
  const style: Intl.DateTimeFormatOptions = step >= 86_400 ? { day: "numeric", month: "short" } : { hour: "2-digit", minute: "2-digit" };
  return splits.map((at) => written(at, { ...style, timeZone }));
}

function moment(at: number, timeZone: string): string {
  return written(at, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZone });
}

/** In the language of the page and the zone of the city, wherever the browser is. */
function written(at: number, style: Intl.DateTimeFormatOptions): string {
  return new Date(at * 1000).toLocaleString(document.documentElement.lang || "id", style);
}
