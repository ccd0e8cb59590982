// A map of boundaries alone: no tiles, no glyph server, nothing from elsewhere.
import { Map as GlMap, NavigationControl, setWorkerUrl, type StyleSpecification } from "maplibre-gl";
import "maplibre-gl/dist/maplibre-gl.css";
import worker from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import "../../styles/map-island.scss";
import { calm, icon, make, numbers } from "../../dom";
import { say } from "../../say";
import { type Areas, areasAt, labelPoints } from "./boundaries";
import { BORDER, BORDER_STRONG, HALO, LABEL, LAND, WATER } from "./colours";

setWorkerUrl(worker);

export interface Frame {
  map: GlMap;
  areas: Areas;
}

type Box = [number, number, number, number];
const FONT = ["Plus Jakarta Sans Variable", "system-ui", "sans-serif"];

/** Draws the map into `element`; null (and words for the person) when this device or the network cannot. */
export async function frame(element: HTMLElement): Promise<Frame | null> {
  try {
    const areas = await areasAt(element.dataset["boundaries"]);
    const map = build(element, areas);
    await new Promise<void>((done) => map.once("load", () => done()));
    element.dataset["ready"] = "1";
    return { map, areas };
  } catch (error) {
    element.querySelector(".map-canvas")?.remove();
    explain(element, error instanceof TypeError || /: \d{3}$/.test(String(error)) ? "map_failed" : "map_missing");
    return null;
  }
}

function explain(element: HTMLElement, key: string): void {
  const again = make("button", { class: "btn btn-sm btn-outline-secondary", type: "button" }, say("map_retry"));
  const words = make("div", { class: "map-fallback map-words" }, make("p", {}, say(key)), again);
  again.addEventListener("click", () => {
    words.remove();
    element.dispatchEvent(new CustomEvent("qlue:retry"));
  });
  element.querySelector(".map-words")?.remove();
  element.prepend(words);
}

function build(element: HTMLElement, areas: Areas): GlMap {
  const box = numbers(element.dataset["bounds"], 4) as Box | null;
  const canvas = make("div", { class: "map-canvas" });
  element.prepend(canvas);
  const map = new GlMap({
    container: canvas,
    style: style(areas),
    ...(box ? { bounds: box, fitBoundsOptions: { padding: 16 } } : {}),
    minZoom: 4,
    maxZoom: 19,
    attributionControl: false,
    dragRotate: false,
    touchPitch: false,
    pitchWithRotate: false,
    fadeDuration: calm() ? 0 : 150,
    locale: { "NavigationControl.ZoomIn": say("map_zoom_in"), "NavigationControl.ZoomOut": say("map_zoom_out"), "Map.Title": say("map_title") },
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  if (box) map.addControl(wholeCity(box), "top-right");
  wheelAfterClick(map, element);
  return map;
}

/** The wheel scrolls the page until a person has turned to the map. */
function wheelAfterClick(map: GlMap, element: HTMLElement): void {
  map.scrollZoom.disable();
  element.addEventListener("pointerdown", () => map.scrollZoom.enable());
  element.addEventListener("pointerleave", () => map.scrollZoom.disable());
}

function wholeCity(box: Box) {
  const button = make("button", { type: "button", title: say("map_whole"), "aria-label": say("map_whole") }, icon("maximize"));
  const group = make("div", { class: "maplibregl-ctrl maplibregl-ctrl-group" }, button);
  return {
    onAdd(map: GlMap) {
      button.addEventListener("click", () => map.fitBounds(box, { padding: 16, animate: !calm() }));
      return group;
    },
    onRemove: () => group.remove(),
  };
}

function style(areas: Areas): StyleSpecification {
  const level = (name: string) => ["==", ["get", "level"], name] as ["==", unknown, unknown] as never;
  return {
    version: 8,
    sources: {
      areas: { type: "geojson", data: areas, promoteId: "id", tolerance: 0.2 },
      names: { type: "geojson", data: labelPoints(areas) },
    },
    layers: [
      { id: "water", type: "background", paint: { "background-color": WATER } },
      { id: "land", type: "fill", source: "areas", filter: level("kecamatan"), paint: { "fill-color": LAND } },
      {
        id: "kelurahan-border", type: "line", source: "areas", filter: level("kelurahan"),
        paint: { "line-color": BORDER, "line-width": ["interpolate", ["linear"], ["zoom"], 10, 0.3, 14, 1] },
      },
      {
        id: "kecamatan-border", type: "line", source: "areas", filter: level("kecamatan"),
        paint: { "line-color": BORDER_STRONG, "line-width": ["interpolate", ["linear"], ["zoom"], 9, 0.7, 14, 2] },
      },
      name("kelurahan", level("kelurahan"), 12.5, 11, 400),
      name("kecamatan", level("kecamatan"), 9, 12.5, 600),
    ],
  };
}

function name(level: string, filter: never, minzoom: number, size: number, weight: number): StyleSpecification["layers"][number] {
  return {
    id: `${level}-name`, type: "symbol", source: "names", filter, minzoom,
    layout: { "text-field": ["get", "name"], "text-size": size, "text-font": [...FONT, String(weight)].slice(0, 3), "text-max-width": 7, "text-padding": 4 },
    paint: { "text-color": LABEL, "text-halo-color": HALO, "text-halo-width": 1.6 },
  };
}

export { FONT };
