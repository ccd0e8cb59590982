// Where is it? By the phone's position or by a pin on the map; both write the hidden fields of the form.
import { calm, icon, make, numbers, sayLine, tell } from "../dom";
import { say } from "../say";
import type { Place } from "./exif";
import { type Areas, areasAround, areasAt, NO_AREAS } from "./map/boundaries";
import type { Frame } from "./map/frame";

const CLOSE_ZOOM = 16;
const GEOLOCATION = { enableHighAccuracy: true, timeout: 15_000, maximumAge: 30_000 };
const REASONS: Record<number, string> = { 1: "place_denied", 2: "place_unavailable", 3: "place_timeout" };

export function start(element: HTMLElement): void {
  void new Pin(element).wake();
}

class Pin {
  private areas: Areas = NO_AREAS;
  private frame: Frame | null = null;
  private readonly place = make("p", { class: "pin-place", role: "status" });
  private readonly line = sayLine();
  private readonly mine = button("current-location", say("place_mine"));
  private readonly onMap = button("map-pin", say("place_map"));
  private readonly mapBox = make("div", { class: "map pin-map", hidden: "" });

  constructor(private readonly element: HTMLElement) {
    element.append(make("div", { class: "cluster" }, this.mine, this.onMap), this.place, this.line, this.mapBox);
    this.mine.addEventListener("click", () => this.locate());
    this.onMap.addEventListener("click", () => void this.openMap());
    document.addEventListener("qlue:photo-place", (event) => this.suggest((event as CustomEvent<Place>).detail));
    element.addEventListener("qlue:restored", () => this.show());
  }

  async wake(): Promise<void> {
    const suggestion = numbers(this.element.dataset["suggestion"], 2);
    if (suggestion) this.suggest({ lon: suggestion[0] ?? 0, lat: suggestion[1] ?? 0 });
    this.areas = await areasAt(this.element.dataset["boundaries"]).catch(() => NO_AREAS);
    this.show();
  }

  private input(name: string): HTMLInputElement | null {
    return this.element.querySelector(`input[name$="${name}"]`);
  }

  private chosen(): Place | null {
    const [lon, lat] = [this.input("lon")?.value, this.input("lat")?.value];
    return lon && lat ? { lon: Number(lon), lat: Number(lat) } : null;
  }

  private suggest(place: Place): void {
    if (this.chosen()) return;
    this.choose(place);
    this.goTo(place);
    tell(this.line, say("photo_place"), "good");
  }

  private choose(place: Place, accuracy = ""): void {
    const values = { lon: place.lon.toFixed(6), lat: place.lat.toFixed(6), accuracy };
    for (const [name, value] of Object.entries(values)) {
      const input = this.input(name);
      if (input) input.value = value;
    }
    this.element.dispatchEvent(new Event("change", { bubbles: true }));
    this.show();
  }

  private goTo({ lon, lat }: Place): void {
    const map = this.frame?.map;
    map?.easeTo({ center: [lon, lat], zoom: Math.max(CLOSE_ZOOM, map.getZoom()), animate: !calm() });
  }

  /** Says in words where the pin stands, and whether that is still in the city. */
  private show(): void {
    const place = this.chosen();
    if (!place) return;
    const around = areasAround(this.areas, place.lon, place.lat);
    const [lon, lat] = [place.lon.toFixed(5), place.lat.toFixed(5)];
    const area = around.map((one) => one.name).join(", ");
    this.place.textContent = area ? say("place_chosen_in", { area, lon, lat }) : say("place_chosen", { lon, lat });
    if (!area && this.areas.features.length) tell(this.line, say("place_outside"), "error");
    else if (this.line.dataset["kind"] === "error") tell(this.line, "");
  }

  private locate(): void {
    if (!("geolocation" in navigator)) return tell(this.line, say("place_unsupported"), "error");
    tell(this.line, say("place_asking"));
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const place = { lon: coords.longitude, lat: coords.latitude };
        tell(this.line, say("place_found", { n: Math.ceil(coords.accuracy) }), "good");
        this.choose(place, String(Math.ceil(coords.accuracy)));
        this.goTo(place);
      },
      (error) => tell(this.line, say(REASONS[error.code] ?? "place_unavailable"), "error"),
      GEOLOCATION,
    );
  }

  private async openMap(): Promise<void> {
    if (this.frame) return this.frame.map.getCanvas().focus();
    tell(this.line, say("map_loading"));
    this.mapBox.hidden = false;
    for (const name of ["boundaries", "bounds"]) this.mapBox.dataset[name] = this.element.dataset[name] ?? "";
    const { frame } = await import("./map/frame");
    this.frame = await frame(this.mapBox);
    tell(this.line, this.frame ? say("place_move") : say("map_missing"), this.frame ? "" : "error");
    if (this.frame) this.prepare(this.frame);
  }

  /** The pin stands in the middle; the map moves under it, by finger, mouse or arrow keys. */
  private prepare({ map }: Frame): void {
    this.mapBox.append(cross());
    map.scrollZoom.enable({ around: "center" });
    map.touchZoomRotate.enable({ around: "center" });
    map.touchZoomRotate.disableRotation();
    const place = this.chosen();
    if (place) map.jumpTo({ center: [place.lon, place.lat], zoom: CLOSE_ZOOM });
    map.on("click", (event) => map.easeTo({ center: event.lngLat, animate: !calm() }, { byPerson: true }));
    map.on("moveend", (event) => {
      if (isByPerson(event)) this.moved(map.getCenter());
    });
    map.getCanvas().setAttribute("aria-label", say("place_keys"));
    map.once("idle", () => (this.mapBox.dataset["idle"] = "1"));
    map.getCanvas().focus();
  }

  private moved({ lng, lat }: { lng: number; lat: number }): void {
    const before = this.chosen();
    if (before && Math.abs(before.lon - lng) < 1e-6 && Math.abs(before.lat - lat) < 1e-6) return;
    this.choose({ lon: lng, lat });
  }
}

/** Only a hand moves the pin; the map's own motion (zoom to the city, to a found position) does not. */
function isByPerson(event: object): boolean {
  return "byPerson" in event || ("originalEvent" in event && Boolean(event.originalEvent));
}

function button(sign: string, words: string): HTMLButtonElement {
  return make("button", { type: "button", class: "btn btn-outline-primary" }, icon(sign), words);
}

function cross(): SVGSVGElement {
  const shape = '<path d="M18 1.500a14 14 0 0 0-14 14c0 9.500 9.500 18 13 26.500a1.100 1.100 0 0 0 2 0c3.500-8.500 13-17 13-26.500a14 14 0 0 0-14-14z"/><circle cx="18" cy="15.500" r="5.500"/>';
  const page = new DOMParser().parseFromString(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 44" class="pin-cross" aria-hidden="true">${shape}</svg>`, "image/svg+xml");
  return document.importNode(page.documentElement, true) as unknown as SVGSVGElement;
}
