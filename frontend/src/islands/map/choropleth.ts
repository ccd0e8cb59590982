// Areas coloured by a number, with a legend, and the number of the area under the pointer.
import { Popup, type GeoJSONFeature, type Map as GlMap, type MapMouseEvent } from "maplibre-gl";
import { make } from "../../dom";
import { counted, say } from "../../say";
import { fresh } from "./ask";
import type { AreaFacts } from "./boundaries";
import { RAMP } from "./colours";

interface Numbers {
  areas: Record<string, number>;
  max: number;
  unit?: string;
  steps?: number[]; // upper ends of the classes, where the numbers are no counts
  partial?: boolean; // an area that is not named has no number, instead of 0
}

export class Choropleth {
  private numbers: Numbers = { areas: {}, max: 0 };
  private steps: number[] = [];
  private readonly level: string;
  private readonly popup = new Popup({ closeButton: false, closeOnClick: true, maxWidth: "260px" });
  private readonly legend = make("div", { class: "map-legend" });

  constructor(
    private readonly element: HTMLElement,
    private readonly map: GlMap,
  ) {
    this.level = element.dataset["choroplethLevel"] ?? "kelurahan";
    this.addLayers();
    element.append(this.legend);
    map.on("mousemove", "choropleth", (event) => this.hover(event.features?.[0], event));
    map.on("mouseleave", "choropleth", () => this.leave());
    map.on("click", "choropleth", (event) => this.click(event.features?.[0], event));
  }

  /** Asks for the numbers again; only areas whose number changed are painted anew. */
  async refresh(): Promise<void> {
    const numbers = await fresh<Numbers>(this.element.dataset["choropleth"] ?? "");
    const ids = new Set([...Object.keys(this.numbers.areas), ...Object.keys(numbers.areas)]);
    const before = this.steps.join();
    this.steps = numbers.steps ?? stepsTo(numbers.max);
    for (const id of ids) {
      if (before !== this.steps.join() || this.numbers.areas[id] !== numbers.areas[id]) this.paint(id, numbers.areas[id] ?? 0);
    }
    this.numbers = numbers;
    this.drawLegend();
  }

  private paint(id: string, value: number): void {
    this.map.setFeatureState({ source: "areas", id: Number(id) }, { shade: classOf(value, this.steps) });
  }

  private addLayers(): void {
    const shade = RAMP.flatMap((colour, i) => (i ? [i, colour] : []));
    const own = ["==", ["get", "level"], this.level] as never;
    const fill = ["match", ["coalesce", ["feature-state", "shade"], 0], ...shade, RAMP[0]] as never;
    this.map.addLayer({ id: "choropleth", type: "fill", source: "areas", filter: own, paint: { "fill-color": fill } }, "kelurahan-border");
    this.map.addLayer({
      id: "choropleth-here", type: "line", source: "areas", filter: own,
      paint: { "line-color": "#101828", "line-width": ["case", ["boolean", ["feature-state", "here"], false], 2.5, 0] as never },
    }, "kelurahan-name");
  }

  private here: number | undefined;

  private mark(id: number | undefined): void {
    if (this.here !== undefined) this.map.setFeatureState({ source: "areas", id: this.here }, { here: false });
    if (id !== undefined) this.map.setFeatureState({ source: "areas", id }, { here: true });
    this.here = id;
  }

  private hover(feature: GeoJSONFeature | undefined, event: MapMouseEvent): void {
    if (!feature) return;
    const area = feature.properties as unknown as AreaFacts;
    this.map.getCanvas().style.cursor = this.linkTo(area) ? "pointer" : "";
    if (this.here !== area.id) this.mark(area.id);
    this.popup.setLngLat(event.lngLat).setDOMContent(this.card(area, false)).addTo(this.map);
  }

  private leave(): void {
    this.map.getCanvas().style.cursor = "";
    this.mark(undefined);
    this.popup.remove();
  }

  /** A mouse has seen the number already and goes on; a finger sees it first. */
  private click(feature: GeoJSONFeature | undefined, event: MapMouseEvent): void {
    if (!feature || this.map.queryRenderedFeatures(event.point, { layers: pointLayers(this.map) }).length) return;
    const area = feature.properties as unknown as AreaFacts;
    const link = this.linkTo(area);
    if (link && matchMedia("(hover: hover)").matches) return location.assign(link);
    this.mark(area.id);
    this.popup.setLngLat(event.lngLat).setDOMContent(this.card(area, true)).addTo(this.map);
  }

  private linkTo(area: AreaFacts): string {
    return (this.element.dataset["areaLink"] ?? "").replace("{code}", encodeURIComponent(area.code));
  }

  private card(area: AreaFacts, withLink: boolean): HTMLElement {
    const n = this.numbers.areas[area.id] ?? (this.numbers.partial ? undefined : 0);
    const words = n === undefined ? say("map_unknown") : `${counted(n)} `;
    const number = make("p", { class: "map-card-number" }, words, make("small", {}, this.numbers.unit ?? ""));
    const card = make("div", { class: "map-card" }, make("strong", {}, area.name), number);
    const link = this.linkTo(area);
    if (withLink && link) card.append(make("a", { href: link }, say("map_open")));
    return card;
  }

  private drawLegend(): void {
    const title = make("span", { class: "map-legend-unit" }, this.numbers.unit ?? "");
    const items = [0, ...this.steps].map((_, i) => make("span", { class: `map-legend-item shade-${i}` }, this.range(i)));
    this.legend.replaceChildren(title, ...(this.steps.length ? items : items.slice(0, 1)));
  }

  private range(i: number): string {
    const to = this.steps[i - 1];
    if (to === undefined) return say(this.numbers.partial ? "map_unknown_or_none" : "map_none");
    if (this.numbers.steps) return `≤ ${counted(to)}`;
    const from = (this.steps[i - 2] ?? 0) + 1;
    return from >= to ? counted(to) : `${counted(from)}–${counted(to)}`;
  }
}

/** Upper ends of up to five classes: fine for small numbers, where most areas lie. */
export function stepsTo(max: number): number[] {
  const classes = RAMP.length - 1;
  const ends = Array.from({ length: classes }, (_, i) => Math.ceil(max * ((i + 1) / classes) ** 1.6));
  return [...new Set(ends)].filter((end) => end > 0);
}

export function classOf(value: number, steps: number[]): number {
  if (value <= 0) return 0;
  const found = steps.findIndex((end) => value <= end);
  return found < 0 ? steps.length : found + 1;
}

function pointLayers(map: GlMap): string[] {
  const over = map.getLayersOrder().filter((id) => id.endsWith("-dot"));
  return ["clusters", "points", ...over].filter((id) => map.getLayer(id));
}
