// The officer's tasks: what waits in the outbox counts as done here, so that the next step can follow without a network.
import { htmx } from "../hypertext";
import { type Letter, letters, watch } from "../outbox/letters";
import { say } from "../say";

const loaded = Date.now();
const EARTH_M = 111_320; // metres of a degree

export function start(element: HTMLElement): void {
  const show = () => void follow(element);
  watch(show);
  show();
  const near = element.querySelector<HTMLButtonElement>("[data-nearest]");
  if (!near || !("geolocation" in navigator)) return;
  near.hidden = false;
  near.addEventListener("click", () => navigator.geolocation.getCurrentPosition(({ coords }) => byDistance(element, coords)));
}

async function follow(element: HTMLElement): Promise<void> {
  const all = await letters().catch(() => [] as Letter[]);
  const mine = all.filter((one) => one.kind === "field");
  for (const task of element.querySelectorAll<HTMLElement>("[data-task]")) apply(task, mine.filter((one) => one.thread === task.dataset["task"]));
  const news = mine.some((one) => one.state === "sent" && one.due > loaded && !seen.has(one.id));
  for (const one of mine) if (one.state === "sent") seen.add(one.id);
  if (news && navigator.onLine && !element.querySelector("details[open]")) {
    await htmx.ajax("get", location.pathname, { target: "#tugas", select: "#tugas", swap: "outerHTML" });
  }
}

const seen = new Set<string>();

/** Shows the steps that follow from the server's state and from what waits or has just left. */
function apply(task: HTMLElement, mine: Letter[]): void {
  let state = task.dataset["state"] ?? "";
  const waits: string[] = [];
  for (const one of mine) {
    if (one.state === "refused" || (one.state === "sent" && one.due < loaded)) continue;
    const step = stepOf(task, one);
    state = step?.dataset["to"] ?? state;
    if (one.state !== "sent") waits.push(step?.dataset["word"] ?? one.title);
  }
  for (const step of task.querySelectorAll<HTMLElement>("[data-step]")) {
    step.hidden = !(step.dataset["from"] ?? "").split(" ").includes(state);
    if (step.hidden) step.querySelector("details")?.removeAttribute("open");
  }
  const sign = task.querySelector<HTMLElement>("[data-waits]");
  if (!sign) return;
  sign.hidden = !waits.length;
  const words = sign.querySelector("span");
  if (words) words.textContent = `${say("outbox_waiting")}: ${waits.join(", ")}`;
}

function stepOf(task: HTMLElement, one: Letter): HTMLElement | null {
  const path = new URL(one.url, location.href).pathname;
  const form = [...task.querySelectorAll("form")].find((found) => new URL(found.action).pathname === path);
  return form?.closest<HTMLElement>("[data-step]") ?? null;
}

/** From here to the nearest, from there to the next one. */
function byDistance(element: HTMLElement, from: { longitude: number; latitude: number }): void {
  let here = { lon: from.longitude, lat: from.latitude };
  const left = [...element.querySelectorAll<HTMLElement>("[data-task]")];
  while (left.length) {
    left.sort((a, b) => away(here, a) - away(here, b));
    const next = left.shift() as HTMLElement;
    const metres = away(here, next);
    const words = next.querySelector("[data-away]");
    if (words) words.textContent = metres < 1000 ? ` · ${Math.round(metres)} m` : ` · ${(metres / 1000).toFixed(1)} km`;
    here = placeOf(next);
    element.append(next);
  }
}

function placeOf(task: HTMLElement): { lon: number; lat: number } {
  return { lon: Number(task.dataset["lon"]), lat: Number(task.dataset["lat"]) };
}

function away(here: { lon: number; lat: number }, task: HTMLElement): number {
  const there = placeOf(task);
  const east = (there.lon - here.lon) * Math.cos((here.lat * Math.PI) / 180);
  return EARTH_M * Math.hypot(east, there.lat - here.lat);
}
