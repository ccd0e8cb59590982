// The live stream says which topics changed; what shows them asks for itself again.
import { htmx } from "../hypertext";
import { say } from "../say";

export interface Changed {
  topics: string[];
}

type State = "" | "live" | "cut" | "polling"; // "": not tried yet

const POLL_MS = 15_000;
const GATHER_MS = 400; // a burst of changes becomes one request per element
const HIDDEN_MS = 5_000; // a glance at another tab keeps the stream
const LONGEST_WAIT_MS = 60_000;
const ALL = "*";

let url = "";
let state: State = "";
let source: EventSource | undefined;
let failures = 0;
let missed = false;
let retry = 0;
let poll = 0;
let hide = 0;
let gathering = 0;
const waiting = new Set<string>();

/** Connects when the page has something that lives; a page shown in place of another joins the stream that is there. */
export function startLive(): void {
  if (url) return show(state);
  url = document.body.dataset["liveUrl"] ?? "";
  if (!url || !document.querySelector("[data-live], [data-live-topics], [data-live-sign]")) {
    url = "";
    return;
  }
  document.addEventListener("visibilitychange", onVisibility);
  window.addEventListener("online", connectNow);
  document.addEventListener("htmx:beforeSwap", keepWhenSame);
  document.addEventListener("htmx:afterSwap", markChanges);
  connect();
}

function connect(): void {
  source?.close();
  source = new EventSource(state ? url : `${url}&age=${Math.ceil(performance.now())}`); // what changed while the page came
  source.addEventListener("open", onOpen);
  source.addEventListener("changed", (event) => onChanged((event as MessageEvent<string>).data));
  source.addEventListener("error", onError);
}

function onOpen(): void {
  failures = 0;
  clearInterval(poll);
  poll = 0;
  show("live");
  if (missed) changed([ALL]);
  missed = false;
}

function onChanged(data: string): void {
  try {
    const { topics } = JSON.parse(data) as Partial<Changed>;
    changed(Array.isArray(topics) ? topics : [ALL]);
  } catch {
    changed([ALL]);
  }
}

function onError(): void {
  source?.close();
  failures += 1;
  missed = true;
  show(failures > 2 ? "polling" : "cut");
  poll ||= window.setInterval(() => changed([ALL]), POLL_MS);
  const wait = Math.min(LONGEST_WAIT_MS, 1000 * 2 ** failures);
  clearTimeout(retry);
  retry = window.setTimeout(connect, wait * (0.5 + Math.random() / 2)); // not all browsers at once
}

function connectNow(): void {
  clearTimeout(retry);
  connect();
}

function onVisibility(): void {
  clearTimeout(hide);
  if (document.hidden) hide = window.setTimeout(pause, HIDDEN_MS);
  else if (missed || source?.readyState === EventSource.CLOSED) connectNow();
}

function pause(): void {
  source?.close();
  clearTimeout(retry);
  clearInterval(poll);
  poll = 0;
  missed = true;
}

/** The first change is told at once, those right behind it together. */
function changed(topics: string[]): void {
  for (const topic of topics) waiting.add(topic);
  if (gathering) return;
  tell();
  gathering = window.setTimeout(() => {
    gathering = 0;
    if (waiting.size) changed([]);
  }, GATHER_MS);
}

function tell(): void {
  const topics = [...waiting];
  waiting.clear();
  document.dispatchEvent(new CustomEvent<Changed>("qlue:changed", { detail: { topics } }));
  for (const element of document.querySelectorAll<HTMLElement>("[data-live]")) {
    if (concerns(element.dataset["live"], topics)) htmx.trigger(element, "qlue-changed");
  }
}

/** Whether one of the changed topics is in a space-separated list. */
export function concerns(list: string | undefined, topics: string[]): boolean {
  return topics.includes(ALL) || (list ?? "").split(/\s+/).some((topic) => topic !== "" && topics.includes(topic));
}

function show(now: State): void {
  state = now;
  for (const sign of document.querySelectorAll<HTMLElement>("[data-live-sign]")) {
    sign.hidden = !state;
    sign.dataset["state"] = state;
    const word = sign.querySelector("[data-live-word]");
    if (word && state) word.textContent = say(state);
  }
}

const answers = new Map<string, string>();

/** An answer equal to the last one is not swapped in: no flicker, and focus stays. */
function keepWhenSame(event: Event): void {
  const detail = (event as CustomEvent<{ target: Element; serverResponse: string; shouldSwap: boolean }>).detail;
  const key = detail.target.id || detail.target.getAttribute("hx-get");
  if (!detail.target.hasAttribute("data-live") || !key) return;
  if (answers.get(key) === detail.serverResponse) detail.shouldSwap = false;
  answers.set(key, detail.serverResponse);
  remember(detail.target);
}

let shown: string[] = [];
let focused = "";

function remember(element: Element): void {
  shown = values(element);
  focused = element.contains(document.activeElement) ? (document.activeElement?.getAttribute("href") ?? "") : "";
}

/** A number that changed glows for a moment; a link that had the focus has it again. */
function markChanges(event: Event): void {
  show(state); // the sign itself may have been swapped
  const element = event.target;
  if (!(element instanceof Element) || !element.matches("[data-live]")) return;
  const now = values(element);
  element.querySelectorAll(".tile-value").forEach((value, i) => {
    if (shown.length === now.length && shown[i] !== now[i]) value.classList.add("just-changed");
  });
  if (focused) element.querySelector<HTMLElement>(`a[href="${CSS.escape(focused)}"]`)?.focus();
}

function values(element: Element): string[] {
  return [...element.querySelectorAll(".tile-value")].map((value) => value.textContent ?? "");
}
