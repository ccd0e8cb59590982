// Hot spots as squares over the areas: sure ones filled, the others outlined; a tap tells their numbers.
import { type GeoJSONSource, type Map as GlMap, type MapMouseEvent, Marker, Popup } from "maplibre-gl";
import type { FeatureCollection } from "geojson";
import { make } from "../../dom";
import { counted, say } from "../../say";
import { fresh } from "./ask";
import { FILLS } from "./colours";

const EMPTY: FeatureCollection = { type: "FeatureCollection", features: [] };

export class Squares {
  private readonly popup = new Popup({ closeButton: false, maxWidth: "240px" });

  constructor(
    private readonly element: HTMLElement,
    private readonly map: GlMap,
  ) {
    addLayers(map);
    map.on("click", "squares", (event) => this.tell(event));
    map.on("mouseenter", "squares", () => (map.getCanvas().style.cursor = "pointer"));
    map.on("mouseleave", "squares", () => (map.getCanvas().style.cursor = ""));
    for (const place of (element.dataset["places"] ?? "").split(" ").filter(Boolean)) {
      new Marker({ color: FILLS.blue }).setLngLat(place.split(",").map(Number) as [number, number]).addTo(map);
    }
  }

  async refresh(): Promise<void> {
    const found = await fresh<FeatureCollection>(this.element.dataset["squares"] ?? "");
    (this.map.getSource("squares") as GeoJSONSource | undefined)?.setData(found);
  }

  private tell(event: MapMouseEvent): void {
    const square = this.map.queryRenderedFeatures(event.point, { layers: ["squares"] })[0];
    if (!square) return;
    const { place, recent, expected, url } = square.properties as Record<string, string | number>;
    const words = say("map_square", { recent: counted(Number(recent)), expected: String(expected) });
    const card = make("div", { class: "map-card" }, make("strong", {}, String(place)), make("p", {}, words));
    card.append(make("a", { href: String(url) }, say("map_open")));
    this.popup.setLngLat(event.lngLat).setDOMContent(card).addTo(this.map);
  }
}

function addLayers(map: GlMap): void {
  map.addSource("squares", { type: "geojson", data: EMPTY });
  const sure = ["case", ["boolean", ["get", "sure"], false], 0.55, 0.12] as never;
  map.addLayer({ id: "squares", type: "fill", source: "squares", paint: { "fill-color": FILLS.red, "fill-opacity": sure } });
  map.addLayer({ id: "squares-edge", type: "line", source: "squares", paint: { "line-color": "#b42318", "line-width": 1.2 } });
}
