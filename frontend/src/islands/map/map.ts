import { Marker } from "maplibre-gl";
import { numbers } from "../../dom";
import { type Changed, concerns } from "../live";
import { Choropleth } from "./choropleth";
import { frame } from "./frame";
import { Overlays } from "./overlays";
import { Points } from "./points";

/** Draws the map that the element's data attributes describe (docs/design.md). */
export function start(element: HTMLElement): void {
  void draw(element);
  element.addEventListener("qlue:retry", () => void draw(element));
}

async function draw(element: HTMLElement): Promise<void> {
  const drawn = await frame(element);
  if (!drawn) return;
  const { map } = drawn;
  const layers: { refresh(): Promise<void> }[] = [];
  if (element.dataset["choropleth"]) layers.push(new Choropleth(element, map));
  if (element.dataset["points"]) layers.push(new Points(element, map));
  if (element.dataset["overlays"]) layers.push(new Overlays(element, map));
  const place = numbers(element.dataset["marker"], 2);
  if (place) pin(map, place as [number, number], Boolean(element.dataset["bounds"]));
  const refresh = async () => {
    delete element.dataset["idle"];
    await Promise.allSettled(layers.map((layer) => layer.refresh()));
    map.once("idle", () => (element.dataset["idle"] = "1"));
    map.triggerRepaint();
  };
  follow(element, refresh, () => map.remove());
  await refresh();
}

function pin(map: Parameters<Marker["addTo"]>[0], place: [number, number], keepView: boolean): void {
  new Marker({ color: "#175cd3" }).setLngLat(place).addTo(map);
  if (!keepView) map.jumpTo({ center: place, zoom: 15 });
}

/** Asks again when the element's topics change; stops when the element has left the page. */
function follow(element: HTMLElement, refresh: () => Promise<void>, end: () => void): void {
  const heard = (event: Event) => {
    if (!element.isConnected) {
      document.removeEventListener("qlue:changed", heard);
      return end();
    }
    if (concerns(element.dataset["liveTopics"], (event as CustomEvent<Changed>).detail.topics)) void refresh();
  };
  if (element.dataset["liveTopics"]) document.addEventListener("qlue:changed", heard);
}
