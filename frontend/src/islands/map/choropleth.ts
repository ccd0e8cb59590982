// Areas coloured by a number, with a legend, and the number of the area under the pointer.
import { Popup, type GeoJSONFeature, type Map as GlMap, type MapMouseEvent } from "maplibre-gl";
import { createElement } from "../../dom";
import { fetchJson } from "../../json";
import { formatCount, translate } from "../../translate";
import type { AreaProperties } from "./boundaries";
import { classLimits, classOf } from "./classes";
import { RAMP } from "./colours";

interface AreaNumbers {
  areas: Record<string, number>;
  max: number;
  unit?: string;
  steps?: number[]; // upper ends of the classes, where the numbers are no counts
  partial?: boolean; // an area that is not named has no number, instead of 0
}

export class Choropleth {
  private numbers: AreaNumbers = { areas: {}, max: 0 };
  private limits: number[] = [];
  private highlightedId: number | undefined;
  private readonly level: string;
  private readonly popup = new Popup({ closeButton: false, closeOnClick: true, maxWidth: "260px" });
  private readonly legend = createElement("div", { class: "map-legend" });

  constructor(
    private readonly element: HTMLElement,
    private readonly map: GlMap,
  ) {
    this.level = element.dataset["choroplethLevel"] ?? "kelurahan";
    this.addLayers();
    element.append(this.legend);
    map.on("mousemove", "choropleth", (event) => this.onHover(event.features?.[0], event));
    map.on("mouseleave", "choropleth", () => this.onLeave());
    map.on("click", "choropleth", (event) => this.onClick(event.features?.[0], event));
  }

  /** Fetches the numbers again; only areas whose number changed are painted anew, or all when the classes changed. */
  async refresh(): Promise<void> {
    const numbers = await fetchJson<AreaNumbers>(this.element.dataset["choropleth"] ?? "");
    const ids = new Set([...Object.keys(this.numbers.areas), ...Object.keys(numbers.areas)]);
    const limits = numbers.steps ?? classLimits(numbers.max, RAMP.length - 1);
    const hasOtherClasses = limits.join() !== this.limits.join();
    this.limits = limits;
    for (const id of ids) {
      if (hasOtherClasses || this.numbers.areas[id] !== numbers.areas[id]) this.paint(id, numbers.areas[id] ?? 0);
    }
    this.numbers = numbers;
    this.drawLegend();
  }

  private paint(id: string, value: number): void {
    this.map.setFeatureState({ source: "areas", id: Number(id) }, { shade: classOf(value, this.limits) });
  }

  /** Below the borders and the names; `as never` because MapLibre's types cannot follow expressions that are put together. */
  private addLayers(): void {
    const shades = RAMP.flatMap((colour, i) => (i ? [i, colour] : []));
    const filter = ["==", ["get", "level"], this.level] as never;
    const fill = ["match", ["coalesce", ["feature-state", "shade"], 0], ...shades, RAMP[0]] as never;
    this.map.addLayer({ id: "choropleth", type: "fill", source: "areas", filter, paint: { "fill-color": fill } }, "kelurahan-border");
    const width = ["case", ["boolean", ["feature-state", "highlighted"], false], 2.5, 0] as never;
    const paint = { "line-color": "#101828", "line-width": width };
    this.map.addLayer({ id: "choropleth-outline", type: "line", source: "areas", filter, paint }, "kelurahan-name");
  }

  private highlight(id: number | undefined): void {
    if (this.highlightedId !== undefined) this.map.setFeatureState({ source: "areas", id: this.highlightedId }, { highlighted: false });
    if (id !== undefined) this.map.setFeatureState({ source: "areas", id }, { highlighted: true });
    this.highlightedId = id;
  }

  private onHover(feature: GeoJSONFeature | undefined, event: MapMouseEvent): void {
    if (!feature) return;
    const area = feature.properties as unknown as AreaProperties;
    this.map.getCanvas().style.cursor = this.linkTo(area) ? "pointer" : "";
    if (this.highlightedId !== area.id) this.highlight(area.id);
    this.popup.setLngLat(event.lngLat).setDOMContent(this.card(area, false)).addTo(this.map);
  }

  private onLeave(): void {
    this.map.getCanvas().style.cursor = "";
    this.highlight(undefined);
    this.popup.remove();
  }

  /** A mouse has seen the number already and goes on; a finger sees it first. */
  private onClick(feature: GeoJSONFeature | undefined, event: MapMouseEvent): void {
    if (!feature || this.map.queryRenderedFeatures(event.point, { layers: layersAbove(this.map) }).length) return;
    const area = feature.properties as unknown as AreaProperties;
    const link = this.linkTo(area);
    if (link && matchMedia("(hover: hover)").matches) return location.assign(link);
    this.highlight(area.id);
    this.popup.setLngLat(event.lngLat).setDOMContent(this.card(area, true)).addTo(this.map);
  }

  private linkTo(area: AreaProperties): string {
    return (this.element.dataset["areaLink"] ?? "").replace("{code}", encodeURIComponent(area.code));
  }

  private card(area: AreaProperties, withLink: boolean): HTMLElement {
    const value = this.numbers.areas[area.id] ?? (this.numbers.partial ? undefined : 0);
    const words = value === undefined ? translate("map_unknown") : `${formatCount(value)} `;
    const unit = createElement("small", {}, this.numbers.unit ?? "");
    const number = createElement("p", { class: "map-card-number" }, words, unit);
    const card = createElement("div", { class: "map-card" }, createElement("strong", {}, area.name), number);
    const link = this.linkTo(area);
    if (withLink && link) card.append(createElement("a", { href: link }, translate("map_open")));
    return card;
  }

  private drawLegend(): void {
    const title = createElement("span", { class: "map-legend-unit" }, this.numbers.unit ?? "");
    const items = [0, ...this.limits].map((_, i) => {
      return createElement("span", { class: `map-legend-item shade-${i}` }, this.rangeWords(i));
    });
    this.legend.replaceChildren(title, ...items);
  }

  private rangeWords(index: number): string {
    const to = this.limits[index - 1];
    if (to === undefined) return translate(this.numbers.partial ? "map_unknown_or_none" : "map_none");
    if (this.numbers.steps) return `≤ ${formatCount(to)}`;
    const from = (this.limits[index - 2] ?? 0) + 1;
    return from >= to ? formatCount(to) : `${formatCount(from)}–${formatCount(to)}`;
  }
}

/** Dots that lie over the areas: a click on one of them is not meant for the area. */
function layersAbove(map: GlMap): string[] {
  const overlayDots = map.getLayersOrder().filter((id) => id.endsWith("-dot"));
  return ["clusters", "points", ...overlayDots].filter((id) => map.getLayer(id));
}
