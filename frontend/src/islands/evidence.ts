// What goes along with the photo of finished work: where the phone is, if its person allows that.
import { setStatus } from "../dom";
import { translate } from "../translate";

const POSITION_OPTIONS = { enableHighAccuracy: true, timeout: 20_000, maximumAge: 15_000 };

export function mount(element: HTMLElement): void {
  const form = element.closest("form");
  const line = element.querySelector<HTMLElement>(".say");
  if (!form || !line || !("geolocation" in navigator)) return;
  form.querySelector("input[type=file]")?.addEventListener("change", () => locate(element, line));
  element.closest("details")?.addEventListener("toggle", (event) => {
    if ((event.target as HTMLDetailsElement).open) locate(element, line);
  });
}

function locate(element: HTMLElement, line: HTMLElement): void {
  setStatus(line, translate("place_asking"));
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      const values = { lon: coords.longitude, lat: coords.latitude, accuracy: Math.ceil(coords.accuracy) };
      for (const [name, value] of Object.entries(values)) {
        const input = element.querySelector<HTMLInputElement>(`input[name="${name}"]`);
        if (input) input.value = String(value); // unrounded: real positions vary in the last digits
      }
      setStatus(line, translate("place_found", { n: values.accuracy }), "good");
    },
    () => setStatus(line, translate("evidence_no_place")),
    POSITION_OPTIONS,
  );
}
