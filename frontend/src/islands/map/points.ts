// Reports on the map: rings of waiting, in progress and done with their count; single reports when near.
import { type GeoJSONSource, Popup, type Map as GlMap, type MapGeoJSONFeature, type MapMouseEvent } from "maplibre-gl";
import type { Feature, FeatureCollection } from "geojson";
import { calm, make } from "../../dom";
import { counted, say } from "../../say";
import { fresh } from "./ask";
import { dotOf } from "./colours";
import { FONT } from "./frame";
import { type Cluster, ringFor } from "./rings";

interface Report {
  lon: number;
  lat: number;
  code: string;
  colour?: string;
  category?: string | number;
}

interface Answer {
  clusters?: Cluster[];
  points?: Report[];
}

const NEAR_PX = 10; // a finger is not a needle
const ZOOM_STEP = 2;

export class Points {
  private asking: AbortController | undefined;
  private query = "";
  private readonly popup = new Popup({ closeButton: false, maxWidth: "240px", offset: 12 });

  constructor(
    private readonly element: HTMLElement,
    private readonly map: GlMap,
  ) {
    addLayers(map);
    map.on("moveend", () => void this.refresh());
    map.on("click", (event) => this.click(event));
    map.on("mousemove", (event) => {
      map.getCanvas().style.cursor = this.at(event) ? "pointer" : "";
    });
    document.addEventListener("qlue:filtered", (event) => {
      this.query = (event as CustomEvent<{ query: string }>).detail.query;
      if (element.isConnected) void this.refresh();
    });
  }

  /** Asks for what is in view; a newer question ends the older one. */
  async refresh(): Promise<void> {
    this.asking?.abort();
    this.asking = new AbortController();
    try {
      const answer = await fresh<Answer>(this.address(), this.asking.signal);
      (this.map.getSource("reports") as GeoJSONSource | undefined)?.setData(this.drawn(answer));
    } catch (error) {
      if ((error as Error).name !== "AbortError") throw error;
    }
  }

  private address(): string {
    const url = new URL(this.element.dataset["points"] ?? "", location.href);
    if (this.query) url.search = this.query;
    const box = this.map.getBounds();
    const corners = [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()];
    url.searchParams.set("bbox", corners.map((degrees) => degrees.toFixed(5)).join(","));
    url.searchParams.set("zoom", String(Math.max(0, Math.round(this.map.getZoom()))));
    return url.href;
  }

  private drawn(answer: Answer): FeatureCollection {
    const clusters = (answer.clusters ?? []).map((cluster) => this.ring(cluster));
    return { type: "FeatureCollection", features: [...clusters, ...(answer.points ?? []).map(dot)] };
  }

  private ring(cluster: Cluster): Feature {
    const properties = { n: cluster.n, image: ringFor(this.map, cluster), label: short(cluster.n) };
    return { type: "Feature", properties, geometry: { type: "Point", coordinates: [cluster.lon, cluster.lat] } };
  }

  private at(event: MapMouseEvent): MapGeoJSONFeature | undefined {
    const { x, y } = event.point;
    const box: [[number, number], [number, number]] = [[x - NEAR_PX, y - NEAR_PX], [x + NEAR_PX, y + NEAR_PX]];
    return this.map.queryRenderedFeatures(box, { layers: ["clusters", "points"] })[0];
  }

  private click(event: MapMouseEvent): void {
    const feature = this.at(event);
    if (feature?.geometry.type !== "Point") return;
    const center = feature.geometry.coordinates as [number, number];
    if (feature.properties["n"]) {
      this.map.easeTo({ center, zoom: this.map.getZoom() + ZOOM_STEP, animate: !calm() });
      return;
    }
    this.popup.setLngLat(center).setDOMContent(this.card(feature.properties)).addTo(this.map);
  }

  private card(report: Record<string, unknown>): HTMLElement {
    const code = String(report["code"]);
    const pattern = this.element.dataset["pointLink"] ?? "";
    const card = make("div", { class: "map-card" }, make("strong", { class: "code" }, code));
    if (pattern) card.append(make("a", { href: pattern.replace("{code}", encodeURIComponent(code)) }, say("map_open")));
    return card;
  }
}

function dot(report: Report): Feature {
  const properties = { code: report.code, ...dotOf(report.colour), category: report.category ?? "" };
  return { type: "Feature", properties, geometry: { type: "Point", coordinates: [report.lon, report.lat] } };
}

function short(n: number): string {
  return n < 10_000 ? counted(n) : `${counted(Math.round(n / 1000))}k`;
}

function addLayers(map: GlMap): void {
  map.addSource("reports", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
  map.addLayer({
    id: "points", type: "circle", source: "reports", filter: ["has", "code"],
    paint: { "circle-color": ["get", "fill"], "circle-radius": ["get", "size"], "circle-stroke-color": ["get", "edge"], "circle-stroke-width": 2.5 },
  });
  map.addLayer({
    id: "clusters", type: "symbol", source: "reports", filter: ["has", "n"],
    layout: {
      "icon-image": ["get", "image"], "icon-allow-overlap": true, "text-allow-overlap": true,
      "text-field": ["get", "label"], "text-size": 12.5, "text-font": FONT, "symbol-sort-key": ["get", "n"],
    },
    paint: { "text-color": "#101828" },
  });
}
