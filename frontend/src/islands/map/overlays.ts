// Other layers over the map: `data-overlays` holds addresses of GeoJSON, one after the other. A feature may say `name`,
// `note`, `url`, `colour` (red yellow green grey blue) and `weight` (0 to 1: how strong an area is filled).
import { type GeoJSONSource, Popup, type Map as GlMap, type MapGeoJSONFeature, type MapMouseEvent } from "maplibre-gl";
import type { FeatureCollection } from "geojson";
import { createElement } from "../../dom";
import { fetchJson } from "../../json";
import { translate } from "../../translate";
import { FILLS, OVERLAYS } from "./colours";
import { boxAround } from "./view";

const NEAR_PX = 8;
const KINDS = ["dot", "line", "area"] as const;
const NO_FEATURES: FeatureCollection = { type: "FeatureCollection", features: [] };

export class Overlays {
  private readonly urls: string[];
  private readonly popup = new Popup({ closeButton: false, maxWidth: "240px", offset: 10 });

  constructor(
    element: HTMLElement,
    private readonly map: GlMap,
  ) {
    this.urls = (element.dataset["overlays"] ?? "").split(/\s+/).filter(Boolean);
    this.urls.forEach((_, i) => addLayers(map, i));
    map.on("click", (event) => this.onClick(event));
    map.on("mousemove", (event) => {
      if (this.featureAt(event)) map.getCanvas().style.cursor = "pointer";
    });
  }

  /** A layer that does not answer leaves the others alone. */
  async refresh(): Promise<void> {
    await Promise.allSettled(
      this.urls.map(async (url, i) => {
        const features = await fetchJson<FeatureCollection>(url);
        (this.map.getSource(`overlay-${i}`) as GeoJSONSource | undefined)?.setData(features);
      }),
    );
  }

  private featureAt(event: MapMouseEvent): MapGeoJSONFeature | undefined {
    const layers = this.urls.flatMap((_, i) => KINDS.map((kind) => `overlay-${i}-${kind}`));
    return this.map.queryRenderedFeatures(boxAround(event.point, NEAR_PX), { layers })[0];
  }

  private onClick(event: MapMouseEvent): void {
    const feature = this.featureAt(event);
    if (!feature?.properties["name"]) return;
    const { name, note, url } = feature.properties as Record<string, string>;
    const title = createElement("strong", {}, name ?? "");
    const card = createElement("div", { class: "map-card" }, title, createElement("p", {}, note ?? ""));
    // own pages only: the data may come from a file that somebody uploaded
    if (url?.startsWith("/")) card.append(createElement("a", { href: url }, translate("map_open")));
    this.popup.setLngLat(event.lngLat).setDOMContent(card).addTo(this.map);
  }
}

function addLayers(map: GlMap, i: number): void {
  const source = `overlay-${i}`;
  const ownColour = OVERLAYS[i % OVERLAYS.length] ?? FILLS.blue;
  const namedColours = Object.entries(FILLS).flat();
  const colour = ["match", ["coalesce", ["get", "colour"], ""], ...namedColours, ownColour] as never;
  const opacity = ["*", 0.6, ["coalesce", ["get", "weight"], 0.6]] as never;
  const radius = ["interpolate", ["linear"], ["zoom"], 9, 3, 14, 7] as never;
  const isGeometry = (kind: string) => ["in", kind, ["geometry-type"]] as never; // also MultiPolygon and its like
  map.addSource(source, { type: "geojson", data: NO_FEATURES });
  map.addLayer({
    id: `${source}-area`, type: "fill", source, filter: isGeometry("Polygon"),
    paint: { "fill-color": colour, "fill-opacity": opacity },
  });
  map.addLayer({
    id: `${source}-line`, type: "line", source, filter: isGeometry("LineString"),
    paint: { "line-color": colour, "line-width": 4 },
  });
  map.addLayer({
    id: `${source}-dot`, type: "circle", source, filter: isGeometry("Point"),
    paint: { "circle-color": colour, "circle-stroke-color": "#ffffff", "circle-stroke-width": 1.2, "circle-radius": radius },
  });
}
