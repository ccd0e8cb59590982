// The officer's tasks: what waits in the outbox counts as done here, so that the next step can follow without a network.
import { type LonLat, metresBetween } from "../geo";
import { htmx } from "../htmx";
import { listRequests, onQueueChange, type QueuedRequest } from "../outbox/store";
import { translate } from "../translate";

const loadedAt = Date.now();
const announcedIds = new Set<string>(); // requests whose arrival this page has shown already

export function mount(element: HTMLElement): void {
  const update = () => void updateTasks(element);
  onQueueChange(update);
  update();
  const sortButton = element.querySelector<HTMLButtonElement>("[data-nearest]");
  if (!sortButton || !("geolocation" in navigator)) return;
  sortButton.hidden = false;
  sortButton.addEventListener("click", () => {
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      sortByDistance(element, { lon: coords.longitude, lat: coords.latitude });
    });
  });
}

async function updateTasks(element: HTMLElement): Promise<void> {
  const queue = await listRequests().catch(() => [] as QueuedRequest[]);
  const requests = queue.filter((request) => request.kind === "field");
  for (const task of element.querySelectorAll<HTMLElement>("[data-task]")) {
    showTask(task, requests.filter((request) => request.thread === task.dataset["task"]));
  }
  const sent = requests.filter((request) => request.state === "sent");
  const hasNews = sent.some((request) => request.due > loadedAt && !announcedIds.has(request.id));
  for (const request of sent) announcedIds.add(request.id);
  // a form that is open must not be swapped away under somebody's fingers
  if (hasNews && navigator.onLine && !element.querySelector("details[open]")) {
    await htmx.ajax("get", location.pathname, { target: "#tugas", select: "#tugas", swap: "outerHTML" });
  }
}

/** Shows the steps that follow from the server's state and from what waits or has just left. */
function showTask(task: HTMLElement, requests: QueuedRequest[]): void {
  let state = task.dataset["state"] ?? "";
  const waitingLabels: string[] = [];
  for (const request of requests) {
    // what arrived before this page was loaded is in the server's state already
    if (request.state === "refused" || (request.state === "sent" && request.due < loadedAt)) continue;
    const step = stepOf(task, request);
    state = step?.dataset["to"] ?? state;
    if (request.state !== "sent") waitingLabels.push(step?.dataset["word"] ?? request.title);
  }
  showSteps(task, state);
  showWaiting(task, waitingLabels);
}

function showSteps(task: HTMLElement, state: string): void {
  for (const step of task.querySelectorAll<HTMLElement>("[data-step]")) {
    step.hidden = !(step.dataset["from"] ?? "").split(" ").includes(state);
    if (step.hidden) step.querySelector("details")?.removeAttribute("open");
  }
}

function showWaiting(task: HTMLElement, labels: string[]): void {
  const sign = task.querySelector<HTMLElement>("[data-waits]");
  if (!sign) return;
  sign.hidden = !labels.length;
  const words = sign.querySelector("span");
  if (words) words.textContent = `${translate("outbox_waiting")}: ${labels.join(", ")}`;
}

/** The step whose form the request came from. */
function stepOf(task: HTMLElement, request: QueuedRequest): HTMLElement | null {
  const path = new URL(request.url, location.href).pathname;
  const form = [...task.querySelectorAll("form")].find(({ action }) => new URL(action).pathname === path);
  return form?.closest<HTMLElement>("[data-step]") ?? null;
}

/** From `start` to the nearest task, from there to the next one. */
function sortByDistance(element: HTMLElement, start: LonLat): void {
  let position = start;
  const tasks = [...element.querySelectorAll<HTMLElement>("[data-task]")];
  while (tasks.length) {
    tasks.sort((a, b) => metresBetween(position, taskPosition(a)) - metresBetween(position, taskPosition(b)));
    const nearest = tasks.shift() as HTMLElement;
    const metres = metresBetween(position, taskPosition(nearest));
    const label = nearest.querySelector("[data-away]");
    if (label) label.textContent = metres < 1000 ? ` · ${Math.round(metres)} m` : ` · ${(metres / 1000).toFixed(1)} km`;
    position = taskPosition(nearest);
    element.append(nearest);
  }
}

function taskPosition(task: HTMLElement): LonLat {
  return { lon: Number(task.dataset["lon"]), lat: Number(task.dataset["lat"]) };
}
