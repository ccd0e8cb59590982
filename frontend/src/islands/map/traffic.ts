// Cameras on the map, coloured by how the traffic flows past them.
import { type GeoJSONSource, Popup, type Map as GlMap } from "maplibre-gl";
import type { FeatureCollection } from "geojson";
import { make } from "../../dom";
import { say } from "../../say";
import { fresh } from "./ask";
import { colourOf } from "./colours";

const NEAR_PX = 12;

export class Traffic {
  private readonly popup = new Popup({ closeButton: false, maxWidth: "260px", offset: 12 });

  constructor(
    private readonly element: HTMLElement,
    private readonly map: GlMap,
  ) {
    map.addSource("traffic", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
    map.addLayer({
      id: "traffic", type: "circle", source: "traffic",
      paint: { "circle-color": ["get", "fill"], "circle-radius": 9, "circle-stroke-color": "#fff", "circle-stroke-width": 3 },
    });
    map.on("click", ({ point }) => this.open(point.x, point.y));
    map.on("mousemove", "traffic", () => (map.getCanvas().style.cursor = "pointer"));
    map.on("mouseleave", "traffic", () => (map.getCanvas().style.cursor = ""));
  }

  async refresh(): Promise<void> {
    const layer = await fresh<FeatureCollection>(this.element.dataset["traffic"] ?? "");
    for (const one of layer.features) one.properties = { ...one.properties, fill: colourOf(String(one.properties?.["colour"])) };
    (this.map.getSource("traffic") as GeoJSONSource | undefined)?.setData(layer);
  }

  private open(x: number, y: number): void {
    const box: [[number, number], [number, number]] = [[x - NEAR_PX, y - NEAR_PX], [x + NEAR_PX, y + NEAR_PX]];
    const found = this.map.queryRenderedFeatures(box, { layers: ["traffic"] })[0];
    if (found?.geometry.type !== "Point") return;
    const { id, name, word } = found.properties as Record<string, string | number>;
    const card = make("div", { class: "map-card" }, make("strong", {}, String(name)), make("p", {}, String(word)));
    const pattern = this.element.dataset["trafficLink"];
    if (pattern) card.append(make("a", { href: pattern.replace("{id}", String(id)) }, say("map_open")));
    this.popup.setLngLat(found.geometry.coordinates as [number, number]).setDOMContent(card).addTo(this.map);
  }
}
