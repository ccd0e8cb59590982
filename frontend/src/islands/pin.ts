// Where is it? By the phone's position or by a pin on the map; both write the hidden fields of the form.
import { createElement, icon, parseNumbers, prefersReducedMotion, setStatus, statusLine } from "../dom";
import type { LonLat } from "../geo";
import { translate } from "../translate";
import { type Areas, areasAround, fetchAreas, NO_AREAS } from "./map/boundaries";
import type { BaseMap } from "./map/frame";

const CLOSE_ZOOM = 16;
const SAME_DEGREES = 1e-6; // a decimetre
const POSITION_OPTIONS = { enableHighAccuracy: true, timeout: 15_000, maximumAge: 30_000 };
// message keys of GeolocationPositionError's codes
const ERROR_KEYS: Record<number, string> = { 1: "place_denied", 2: "place_unavailable", 3: "place_timeout" };

export function mount(element: HTMLElement): void {
  void new Pin(element).load();
}

class Pin {
  private areas: Areas = NO_AREAS;
  private baseMap: BaseMap | null = null;
  private readonly description = createElement("p", { class: "pin-place", role: "status" });
  private readonly status = statusLine();
  private readonly locateButton = button("current-location", translate("place_mine"));
  private readonly mapButton = button("map-pin", translate("place_map"));
  private readonly mapBox = createElement("div", { class: "map pin-map", hidden: "" });

  constructor(private readonly element: HTMLElement) {
    const buttons = createElement("div", { class: "cluster" }, this.locateButton, this.mapButton);
    element.append(buttons, this.description, this.status, this.mapBox);
    this.locateButton.addEventListener("click", () => this.locate());
    this.mapButton.addEventListener("click", () => void this.openMap());
    document.addEventListener("qlue:photo-place", (event) => this.suggest((event as CustomEvent<LonLat>).detail));
    element.addEventListener("qlue:restored", () => this.describe());
  }

  async load(): Promise<void> {
    const suggestion = parseNumbers(this.element.dataset["suggestion"], 2);
    if (suggestion) this.suggest({ lon: suggestion[0] ?? 0, lat: suggestion[1] ?? 0 });
    this.areas = await fetchAreas(this.element.dataset["boundaries"]).catch(() => NO_AREAS);
    this.describe();
  }

  /** Forms may put a prefix before the names. */
  private input(name: string): HTMLInputElement | null {
    return this.element.querySelector(`input[name$="${name}"]`);
  }

  private position(): LonLat | null {
    const [lon, lat] = [this.input("lon")?.value, this.input("lat")?.value];
    return lon && lat ? { lon: Number(lon), lat: Number(lat) } : null;
  }

  /** A photo's place, or the server's; never over what a person has chosen. */
  private suggest(position: LonLat): void {
    if (this.position()) return;
    this.setPosition(position);
    this.moveMap(position);
    setStatus(this.status, translate("photo_place"), "good");
  }

  private setPosition(position: LonLat, accuracy = ""): void {
    const values = { lon: position.lon.toFixed(6), lat: position.lat.toFixed(6), accuracy };
    for (const [name, value] of Object.entries(values)) {
      const input = this.input(name);
      if (input) input.value = value;
    }
    this.element.dispatchEvent(new Event("change", { bubbles: true })); // for the draft: values set by script tell nobody
    this.describe();
  }

  private moveMap({ lon, lat }: LonLat): void {
    const map = this.baseMap?.map;
    map?.easeTo({ center: [lon, lat], zoom: Math.max(CLOSE_ZOOM, map.getZoom()), animate: !prefersReducedMotion() });
  }

  /** Says in words where the pin stands, and whether that is still in the city. */
  private describe(): void {
    const position = this.position();
    if (!position) return;
    const areas = areasAround(this.areas, position.lon, position.lat);
    const [lon, lat] = [position.lon.toFixed(5), position.lat.toFixed(5)];
    const area = areas.map(({ name }) => name).join(", ");
    this.description.textContent = area ? translate("place_chosen_in", { area, lon, lat }) : translate("place_chosen", { lon, lat });
    if (!area && this.areas.features.length) setStatus(this.status, translate("place_outside"), "error");
    else if (this.status.dataset["kind"] === "error") setStatus(this.status, "");
  }

  private locate(): void {
    if (!("geolocation" in navigator)) return setStatus(this.status, translate("place_unsupported"), "error");
    setStatus(this.status, translate("place_asking"));
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const position = { lon: coords.longitude, lat: coords.latitude };
        setStatus(this.status, translate("place_found", { n: Math.ceil(coords.accuracy) }), "good");
        this.setPosition(position, String(Math.ceil(coords.accuracy)));
        this.moveMap(position);
      },
      (error) => setStatus(this.status, translate(ERROR_KEYS[error.code] ?? "place_unavailable"), "error"),
      POSITION_OPTIONS,
    );
  }

  /** The map's script is a third of a megabyte, so it is loaded for who asks for it. */
  private async openMap(): Promise<void> {
    if (this.baseMap) return this.baseMap.map.getCanvas().focus();
    setStatus(this.status, translate("map_loading"));
    this.mapBox.hidden = false;
    for (const name of ["boundaries", "bounds"]) this.mapBox.dataset[name] = this.element.dataset[name] ?? "";
    const { drawBaseMap } = await import("./map/frame");
    this.baseMap = await drawBaseMap(this.mapBox);
    if (!this.baseMap) return setStatus(this.status, translate("map_missing"), "error");
    setStatus(this.status, translate("place_move"));
    this.prepareMap(this.baseMap);
  }

  /** The pin stands in the middle; the map moves under it, by finger, mouse or arrow keys. */
  private prepareMap({ map }: BaseMap): void {
    this.mapBox.append(pinImage());
    map.scrollZoom.enable({ around: "center" });
    map.touchZoomRotate.enable({ around: "center" });
    map.touchZoomRotate.disableRotation();
    const position = this.position();
    if (position) map.jumpTo({ center: [position.lon, position.lat], zoom: CLOSE_ZOOM });
    map.on("click", (event) => map.easeTo({ center: event.lngLat, animate: !prefersReducedMotion() }, { byPerson: true }));
    map.on("moveend", (event) => {
      if (isByPerson(event)) this.onMapMoved(map.getCenter());
    });
    map.getCanvas().setAttribute("aria-label", translate("place_keys"));
    map.once("idle", () => (this.mapBox.dataset["idle"] = "1"));
    map.getCanvas().focus();
  }

  private onMapMoved({ lng, lat }: { lng: number; lat: number }): void {
    const before = this.position();
    // a zoom without a move must not throw the measured accuracy away
    if (before && Math.abs(before.lon - lng) < SAME_DEGREES && Math.abs(before.lat - lat) < SAME_DEGREES) return;
    this.setPosition({ lon: lng, lat });
  }
}

/** Only a hand moves the pin; the map's own motion (zoom to the city, to a measured position) does not. */
function isByPerson(event: object): boolean {
  return "byPerson" in event || ("originalEvent" in event && Boolean(event.originalEvent));
}

function button(iconName: string, words: string): HTMLButtonElement {
  return createElement("button", { type: "button", class: "btn btn-outline-primary" }, icon(iconName), words);
}

function pinImage(): SVGSVGElement {
  const drop = "M18 1.500a14 14 0 0 0-14 14c0 9.500 9.500 18 13 26.500a1.100 1.100 0 0 0 2 0c3.500-8.500 13-17 13-26.500a14 14 0 0 0-14-14z";
  const shapes = `<path d="${drop}"/><circle cx="18" cy="15.500" r="5.500"/>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 44" class="pin-cross" aria-hidden="true">${shapes}</svg>`;
  const image = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
  return document.importNode(image, true) as unknown as SVGSVGElement;
}
