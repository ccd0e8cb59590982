// A sensor's curve: mean with the band between lowest and highest, the alarm levels as dashed lines. Refreshes by itself.
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { createElement } from "../dom";
import { fetchJson } from "../json";

interface AlarmLevel {
  level: number;
  at: number;
}

/** As the server sends it: columns of the same length, by time in seconds. */
interface Series {
  t: number[];
  mean: number[];
  low: number[];
  high: number[];
  label: string;
  unit: string;
  decimals: number;
  steps: AlarmLevel[];
}

const REFRESH_MS = 10_000;
const EMPTY_REFRESH_MS = 3_000;
const HEIGHT = 300;
const DAY_S = 86_400;
const BLUE = "#175cd3";
const BAND = "rgb(23 92 211 / 14%)";
const AXIS = { stroke: "#475467", grid: { stroke: "#eaecf0" } };
const LEVEL_COLOURS: Record<number, string> = { 4: "#b54708", 3: "#b54708", 2: "#b42318", 1: "#b42318" };

/** Draws the series at `data-series`; what stands inside stays when it cannot be fetched. */
export function mount(element: HTMLElement): void {
  void draw(element).catch(() => undefined);
}

async function draw(element: HTMLElement): Promise<void> {
  const series = await fetchJson<Series>(element.dataset["series"] ?? "");
  if (!series.t.length) {
    element.replaceChildren(createElement("p", { class: "text-secondary" }, label(element, "empty")));
    window.setTimeout(() => element.isConnected && mount(element), EMPTY_REFRESH_MS);
    return;
  }
  element.replaceChildren();
  element.setAttribute("role", "img");
  element.setAttribute("aria-label", summary(series));
  const plot = new uPlot(plotOptions(element, series), columns(series), element);
  const resize = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }));
  resize.observe(element);
  element.dataset["idle"] = "1";
  refreshRegularly(element, plot, resize);
}

/** Until the element has left the page. */
function refreshRegularly(element: HTMLElement, plot: uPlot, resize: ResizeObserver): void {
  const timer = window.setInterval(() => {
    if (element.isConnected) return void refresh(element, plot);
    clearInterval(timer);
    resize.disconnect();
    plot.destroy();
  }, REFRESH_MS);
}

async function refresh(element: HTMLElement, plot: uPlot): Promise<void> {
  if (document.hidden) return;
  const series = await fetchJson<Series>(element.dataset["series"] ?? "").catch(() => undefined);
  if (!series?.t.length) return;
  plot.setData(columns(series));
  element.setAttribute("aria-label", summary(series));
}

/** The element brings its own words: only few pages need them. */
function label(element: HTMLElement, name: string): string {
  return element.dataset[name] ?? name;
}

function columns(series: Series): uPlot.AlignedData {
  return [series.t, series.high, series.low, series.mean];
}

/** For who cannot see the curve: what is measured, and its last value. */
function summary(series: Series): string {
  return `${series.label}: ${formatValue(series.mean.at(-1) ?? 0, series)}`;
}

function formatValue(value: number | null, series: Series): string {
  if (value === null) return "–";
  const digits = { minimumFractionDigits: series.decimals, maximumFractionDigits: series.decimals };
  return `${value.toLocaleString(document.documentElement.lang || "id", digits)} ${series.unit}`.trim();
}

function plotOptions(element: HTMLElement, series: Series): uPlot.Options {
  const zone = element.dataset["zone"] ?? "Asia/Jakarta";
  return {
    width: element.clientWidth,
    height: HEIGHT,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), zone),
    cursor: { y: false },
    axes: [{ ...AXIS, values: (_plot, splits, _axis, _space, step) => axisLabels(splits, step, zone) }, { ...AXIS, size: 56 }],
    scales: { y: { range: (_plot, low, high) => yRange(low, high, series.steps) } },
    series: curves(element, series, zone),
    bands: [{ series: [1, 2], fill: BAND }], // between the second and third of `curves`
    hooks: { draw: [(plot) => series.steps.forEach((step) => drawAlarmLevel(plot, step))] },
  };
}

/** Time, then as `columns`: the highest and lowest have no line of their own, only the band between them. */
function curves(element: HTMLElement, series: Series, zone: string): uPlot.Series[] {
  const value = (_plot: uPlot, number: number | null) => formatValue(number, series);
  const hiddenLine = { stroke: "transparent", width: 0, points: { show: false } };
  return [
    { label: label(element, "time"), value: (_plot, at) => (at === null ? "–" : formatMoment(at, zone)) },
    { label: label(element, "high"), value, ...hiddenLine },
    { label: label(element, "low"), value, ...hiddenLine },
    { label: series.label, value, stroke: BLUE, width: 2, points: { show: series.t.length < 60 } },
  ];
}

/** The levels next to the values belong into the picture, those far away do not squeeze it. */
function yRange(low: number, high: number, levels: AlarmLevel[]): [number, number] {
  const span = Math.max(high - low, Math.abs(high) * 0.05, 1);
  const near = levels.map((level) => level.at).filter((at) => at > low - span && at < high + span);
  return [Math.min(low, ...near) - span * 0.06, Math.max(high, ...near) + span * 0.08];
}

function drawAlarmLevel(plot: uPlot, level: AlarmLevel): void {
  const { ctx, bbox } = plot;
  const y = plot.valToPos(level.at, "y", true);
  if (y < bbox.top || y > bbox.top + bbox.height) return;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = LEVEL_COLOURS[level.level] ?? "#475467";
  ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.font = `${11 * devicePixelRatio}px sans-serif`;
  ctx.fillText(String(level.level), bbox.left + 4 * devicePixelRatio, y - 4 * devicePixelRatio);
  ctx.restore();
}

function axisLabels(splits: number[], step: number, timeZone: string): string[] {
  const date: Intl.DateTimeFormatOptions = { day: "numeric", month: "short" };
  const time: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit" };
  return splits.map((at) => formatTime(at, { ...(step >= DAY_S ? date : time), timeZone }));
}

function formatMoment(at: number, timeZone: string): string {
  return formatTime(at, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZone });
}

/** In the language of the page and the zone of the city, wherever the browser is. */
function formatTime(at: number, style: Intl.DateTimeFormatOptions): string {
  return new Date(at * 1000).toLocaleString(document.documentElement.lang || "id", style);
}
