// The base map: the city's boundaries alone, no tiles, no glyph server, nothing from elsewhere.
import { Map as GlMap, NavigationControl, setWorkerUrl, type StyleSpecification } from "maplibre-gl";
import "maplibre-gl/dist/maplibre-gl.css";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import "../../styles/map-island.scss";
import { createElement, icon, parseNumbers, prefersReducedMotion } from "../../dom";
import { translate } from "../../translate";
import { type Areas, fetchAreas, labelPoints } from "./boundaries";
import { BORDER, BORDER_STRONG, HALO, LABEL, LAND, WATER } from "./colours";

setWorkerUrl(workerUrl); // MapLibre looks beside its own module, where the build's hashed name does not lie

export interface BaseMap {
  map: GlMap;
  areas: Areas;
}

type Bounds = [west: number, south: number, east: number, north: number];
export const FONT = ["Plus Jakarta Sans Variable", "system-ui", "sans-serif"];
const PADDING = 16;

/** Draws the map into `element`; null (and words for the person) when this device or the network cannot. */
export async function drawBaseMap(element: HTMLElement): Promise<BaseMap | null> {
  try {
    const areas = await fetchAreas(element.dataset["boundaries"]);
    const map = createMap(element, areas);
    await new Promise<void>((resolve) => map.once("load", () => resolve()));
    element.dataset["ready"] = "1";
    return { map, areas };
  } catch (error) {
    element.querySelector(".map-canvas")?.remove();
    // `fetch` rejects with a TypeError, fetchAreas with a status at the end; anything else is WebGL that is missing
    const isNetworkError = error instanceof TypeError || /: \d{3}$/.test(String(error));
    showError(element, isNetworkError ? "map_failed" : "map_missing");
    return null;
  }
}

function showError(element: HTMLElement, messageKey: string): void {
  const retry = createElement("button", { class: "btn btn-sm btn-outline-secondary", type: "button" }, translate("map_retry"));
  const words = createElement("p", {}, translate(messageKey));
  const fallback = createElement("div", { class: "map-fallback map-words" }, words, retry);
  retry.addEventListener("click", () => {
    fallback.remove();
    element.dispatchEvent(new CustomEvent("qlue:retry"));
  });
  element.querySelector(".map-words")?.remove();
  element.prepend(fallback);
}

function createMap(element: HTMLElement, areas: Areas): GlMap {
  const bounds = parseNumbers(element.dataset["bounds"], 4) as Bounds | null;
  const container = createElement("div", { class: "map-canvas" });
  element.prepend(container);
  const map = new GlMap({
    container,
    style: boundaryStyle(areas),
    ...(bounds ? { bounds, fitBoundsOptions: { padding: PADDING } } : {}),
    minZoom: 4,
    maxZoom: 19,
    attributionControl: false,
    dragRotate: false,
    touchPitch: false,
    pitchWithRotate: false,
    fadeDuration: prefersReducedMotion() ? 0 : 150,
    locale: controlLabels(),
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  if (bounds) map.addControl(wholeCityControl(bounds), "top-right");
  enableWheelAfterClick(map, element);
  return map;
}

function controlLabels(): Record<string, string> {
  return {
    "NavigationControl.ZoomIn": translate("map_zoom_in"),
    "NavigationControl.ZoomOut": translate("map_zoom_out"),
    "Map.Title": translate("map_title"),
  };
}

/** The wheel scrolls the page until a person has turned to the map. */
function enableWheelAfterClick(map: GlMap, element: HTMLElement): void {
  map.scrollZoom.disable();
  element.addEventListener("pointerdown", () => map.scrollZoom.enable());
  element.addEventListener("pointerleave", () => map.scrollZoom.disable());
}

function wholeCityControl(bounds: Bounds) {
  const label = translate("map_whole");
  const button = createElement("button", { type: "button", title: label, "aria-label": label }, icon("maximize"));
  const group = createElement("div", { class: "maplibregl-ctrl maplibregl-ctrl-group" }, button);
  return {
    onAdd(map: GlMap) {
      button.addEventListener("click", () => map.fitBounds(bounds, { padding: PADDING, animate: !prefersReducedMotion() }));
      return group;
    },
    onRemove: () => group.remove(),
  };
}

/** `as never`: MapLibre's types cannot follow an expression that comes from a function. */
function boundaryStyle(areas: Areas): StyleSpecification {
  const isLevel = (name: string) => ["==", ["get", "level"], name] as ["==", unknown, unknown] as never;
  return {
    version: 8,
    sources: {
      areas: { type: "geojson", data: areas, promoteId: "id", tolerance: 0.2 },
      names: { type: "geojson", data: labelPoints(areas) },
    },
    layers: [
      { id: "water", type: "background", paint: { "background-color": WATER } },
      { id: "land", type: "fill", source: "areas", filter: isLevel("kecamatan"), paint: { "fill-color": LAND } },
      {
        id: "kelurahan-border", type: "line", source: "areas", filter: isLevel("kelurahan"),
        paint: { "line-color": BORDER, "line-width": ["interpolate", ["linear"], ["zoom"], 10, 0.3, 14, 1] },
      },
      {
        id: "kecamatan-border", type: "line", source: "areas", filter: isLevel("kecamatan"),
        paint: { "line-color": BORDER_STRONG, "line-width": ["interpolate", ["linear"], ["zoom"], 9, 0.7, 14, 2] },
      },
      nameLayer("kelurahan", isLevel("kelurahan"), 12.5, 11),
      nameLayer("kecamatan", isLevel("kecamatan"), 9, 12.5),
    ],
  };
}

function nameLayer(level: string, filter: never, minzoom: number, size: number): StyleSpecification["layers"][number] {
  return {
    id: `${level}-name`, type: "symbol", source: "names", filter, minzoom,
    layout: { "text-field": ["get", "name"], "text-size": size, "text-font": FONT, "text-max-width": 7, "text-padding": 4 },
    paint: { "text-color": LABEL, "text-halo-color": HALO, "text-halo-width": 1.6 },
  };
}
