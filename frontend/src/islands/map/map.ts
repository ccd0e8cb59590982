// data-island="map": the map that the element's data attributes describe (docs/design.md).
import { type Map as GlMap, Marker } from "maplibre-gl";
import { parseNumbers } from "../../dom";
import { type ChangedDetail, matchesTopics } from "../../live";
import { Choropleth } from "./choropleth";
import { drawBaseMap } from "./frame";
import { Overlays } from "./overlays";
import { Points } from "./points";

const MARKER_COLOUR = "#175cd3";
const MARKER_ZOOM = 15;

interface Layer {
  refresh(): Promise<void>;
}

export function mount(element: HTMLElement): void {
  void draw(element);
  element.addEventListener("qlue:retry", () => void draw(element));
}

async function draw(element: HTMLElement): Promise<void> {
  const baseMap = await drawBaseMap(element);
  if (!baseMap) return;
  const { map } = baseMap;
  const layers = createLayers(element, map);
  const position = parseNumbers(element.dataset["marker"], 2);
  if (position) addMarker(map, position as [number, number], Boolean(element.dataset["bounds"]));
  const refresh = async () => {
    delete element.dataset["idle"];
    await Promise.allSettled(layers.map((layer) => layer.refresh()));
    map.once("idle", () => (element.dataset["idle"] = "1")); // for tests and pictures: everything is drawn
    map.triggerRepaint();
  };
  refreshOnChange(element, refresh, () => map.remove());
  await refresh();
}

/** In the order in which they lie over each other. */
function createLayers(element: HTMLElement, map: GlMap): Layer[] {
  const layers: Layer[] = [];
  if (element.dataset["choropleth"]) layers.push(new Choropleth(element, map));
  if (element.dataset["points"]) layers.push(new Points(element, map));
  if (element.dataset["overlays"]) layers.push(new Overlays(element, map));
  return layers;
}

function addMarker(map: GlMap, position: [number, number], keepView: boolean): void {
  new Marker({ color: MARKER_COLOUR }).setLngLat(position).addTo(map);
  if (!keepView) map.jumpTo({ center: position, zoom: MARKER_ZOOM });
}

/** Refreshes when the element's topics change; stops when the element has left the page. */
function refreshOnChange(element: HTMLElement, refresh: () => Promise<void>, remove: () => void): void {
  if (!element.dataset["liveTopics"]) return;
  const onChanged = (event: Event) => {
    if (!element.isConnected) {
      document.removeEventListener("qlue:changed", onChanged);
      return remove();
    }
    if (matchesTopics(element.dataset["liveTopics"], (event as CustomEvent<ChangedDetail>).detail.topics)) void refresh();
  };
  document.addEventListener("qlue:changed", onChanged);
}
