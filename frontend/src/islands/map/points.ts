// Reports on the map: rings of waiting, in progress and done with their count; single reports when near.
import { type GeoJSONSource, Popup, type Map as GlMap, type MapGeoJSONFeature, type MapMouseEvent } from "maplibre-gl";
import type { Feature, FeatureCollection } from "geojson";
import { createElement, prefersReducedMotion } from "../../dom";
import { fetchJson } from "../../json";
import { formatCount, translate } from "../../translate";
import { dotStyle } from "./colours";
import { FONT } from "./frame";
import { type Cluster, ringImage } from "./rings";
import { boxAround, pointsUrl } from "./view";

interface Report {
  lon: number;
  lat: number;
  code: string;
  colour?: string;
  category?: string | number;
}

interface PointsJson {
  clusters?: Cluster[];
  points?: Report[];
}

const NEAR_PX = 10;
const ZOOM_STEP = 2;

export class Points {
  private abort: AbortController | undefined;
  private filterQuery = "";
  private readonly popup = new Popup({ closeButton: false, maxWidth: "240px", offset: 12 });

  constructor(
    private readonly element: HTMLElement,
    private readonly map: GlMap,
  ) {
    addLayers(map);
    map.on("moveend", () => void this.refresh());
    map.on("click", (event) => this.onClick(event));
    map.on("mousemove", (event) => {
      map.getCanvas().style.cursor = this.featureAt(event) ? "pointer" : "";
    });
    document.addEventListener("qlue:filtered", (event) => {
      this.filterQuery = (event as CustomEvent<{ query: string }>).detail.query;
      if (element.isConnected) void this.refresh();
    });
  }

  /** Fetches what is in view; a newer request ends the older one, whose answer could come later. */
  async refresh(): Promise<void> {
    this.abort?.abort();
    this.abort = new AbortController();
    const url = pointsUrl(this.element.dataset["points"] ?? "", this.filterQuery, this.map.getBounds(), this.map.getZoom());
    try {
      const json = await fetchJson<PointsJson>(url, this.abort.signal);
      (this.map.getSource("reports") as GeoJSONSource | undefined)?.setData(this.features(json));
    } catch (error) {
      if ((error as Error).name !== "AbortError") throw error;
    }
  }

  private features(json: PointsJson): FeatureCollection {
    const clusters = (json.clusters ?? []).map((cluster) => this.clusterFeature(cluster));
    return { type: "FeatureCollection", features: [...clusters, ...(json.points ?? []).map(pointFeature)] };
  }

  private clusterFeature(cluster: Cluster): Feature {
    const properties = { n: cluster.n, image: ringImage(this.map, cluster), label: shortCount(cluster.n) };
    return { type: "Feature", properties, geometry: { type: "Point", coordinates: [cluster.lon, cluster.lat] } };
  }

  private featureAt(event: MapMouseEvent): MapGeoJSONFeature | undefined {
    return this.map.queryRenderedFeatures(boxAround(event.point, NEAR_PX), { layers: ["clusters", "points"] })[0];
  }

  /** A cluster zooms in, a report opens its card. */
  private onClick(event: MapMouseEvent): void {
    const feature = this.featureAt(event);
    if (feature?.geometry.type !== "Point") return;
    const center = feature.geometry.coordinates as [number, number];
    if (feature.properties["n"]) {
      this.map.easeTo({ center, zoom: this.map.getZoom() + ZOOM_STEP, animate: !prefersReducedMotion() });
      return;
    }
    this.popup.setLngLat(center).setDOMContent(this.card(feature.properties)).addTo(this.map);
  }

  private card(report: Record<string, unknown>): HTMLElement {
    const code = String(report["code"]);
    const pattern = this.element.dataset["pointLink"] ?? "";
    const card = createElement("div", { class: "map-card" }, createElement("strong", { class: "code" }, code));
    const link = pattern.replace("{code}", encodeURIComponent(code));
    if (link) card.append(createElement("a", { href: link }, translate("map_open")));
    return card;
  }
}

function pointFeature(report: Report): Feature {
  const { fill, edge, size } = dotStyle(report.colour);
  const properties = { code: report.code, fill, edge, size, category: report.category ?? "" };
  return { type: "Feature", properties, geometry: { type: "Point", coordinates: [report.lon, report.lat] } };
}

/** What fits into a ring. */
function shortCount(count: number): string {
  return count < 10_000 ? formatCount(count) : `${formatCount(Math.round(count / 1000))}k`;
}

function addLayers(map: GlMap): void {
  map.addSource("reports", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
  map.addLayer({
    id: "points", type: "circle", source: "reports", filter: ["has", "code"],
    paint: {
      "circle-color": ["get", "fill"], "circle-radius": ["get", "size"],
      "circle-stroke-color": ["get", "edge"], "circle-stroke-width": 2.5,
    },
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
