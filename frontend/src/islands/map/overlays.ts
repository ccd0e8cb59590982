// Other layers over the map: `data-overlays` holds addresses of GeoJSON, one after the other. A feature may say `name`,
// `note`, `url`, `colour` (red yellow green grey blue) and `weight` (0 to 1: how strong an area is filled).
import { type GeoJSONSource, Popup, type Map as GlMap, type MapGeoJSONFeature, type MapMouseEvent } from "maplibre-gl";
import type { FeatureCollection } from "geojson";
import { make } from "../../dom";
import { say } from "../../say";
import { fresh } from "./ask";
import { FILLS, OVERLAYS } from "./colours";

const NEAR_PX = 8;
const NOTHING: FeatureCollection = { type: "FeatureCollection", features: [] };

export class Overlays {
  private readonly urls: string[];
  private readonly popup = new Popup({ closeButton: false, maxWidth: "240px", offset: 10 });

  constructor(
    element: HTMLElement,
    private readonly map: GlMap,
  ) {
    this.urls = (element.dataset["overlays"] ?? "").split(/\s+/).filter(Boolean);
    this.urls.forEach((_, i) => addLayers(map, i));
    map.on("click", (event) => this.click(event));
    map.on("mousemove", (event) => {
      if (this.at(event)) map.getCanvas().style.cursor = "pointer";
    });
  }

  /** A layer that does not answer leaves the others alone. */
  async refresh(): Promise<void> {
    await Promise.allSettled(
      this.urls.map(async (url, i) => {
        const data = await fresh<FeatureCollection>(url);
        (this.map.getSource(`overlay-${i}`) as GeoJSONSource | undefined)?.setData(data);
      }),
    );
  }

  private at({ point: { x, y } }: MapMouseEvent): MapGeoJSONFeature | undefined {
    const layers = this.urls.flatMap((_, i) => KINDS.map((kind) => `overlay-${i}-${kind}`));
    return this.map.queryRenderedFeatures([[x - NEAR_PX, y - NEAR_PX], [x + NEAR_PX, y + NEAR_PX]], { layers })[0];
  }

  private click(event: MapMouseEvent): void {
    const found = this.at(event);
    if (!found?.properties["name"]) return;
    const { name, note, url } = found.properties as Record<string, string>;
    const card = make("div", { class: "map-card" }, make("strong", {}, name ?? ""), make("p", {}, note ?? ""));
    if (url?.startsWith("/")) card.append(make("a", { href: url }, say("map_open")));
    this.popup.setLngLat(event.lngLat).setDOMContent(card).addTo(this.map);
  }
}

const KINDS = ["dot", "line", "area"] as const;

function addLayers(map: GlMap, i: number): void {
  const source = `overlay-${i}`;
  const own = OVERLAYS[i % OVERLAYS.length] ?? FILLS.blue;
  const named = Object.entries(FILLS).flatMap(([name, colour]) => [name, colour]);
  const colour = ["match", ["coalesce", ["get", "colour"], ""], ...named, own] as never;
  const opacity = ["*", 0.6, ["coalesce", ["get", "weight"], 0.6]] as never;
  const of = (kind: string) => ["in", kind, ["geometry-type"]] as never; // also MultiPolygon and its like
  map.addSource(source, { type: "geojson", data: NOTHING });
  map.addLayer({ id: `${source}-area`, type: "fill", source, filter: of("Polygon"), paint: { "fill-color": colour, "fill-opacity": opacity } });
  map.addLayer({ id: `${source}-line`, type: "line", source, filter: of("LineString"), paint: { "line-color": colour, "line-width": 4 } });
  map.addLayer({
    id: `${source}-dot`, type: "circle", source, filter: of("Point"),
    paint: {
      "circle-color": colour, "circle-stroke-color": "#ffffff", "circle-stroke-width": 1.2,
      "circle-radius": ["interpolate", ["linear"], ["zoom"], 9, 3, 14, 7] as never,
    },
  });
}
