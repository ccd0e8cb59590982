// The live stream says which topics changed, never what they are now; elements that show them ask the server again.
import { liveElements, refreshElement, watchRefreshes } from "./live-refresh";
import { highlightChanges, skipSameAnswer } from "./live-swap";
import { translate } from "./translate";

/** Detail of the event `qlue:changed` on the document. */
export interface ChangedDetail {
  topics: string[];
}

type ConnectionState = "" | "live" | "cut" | "polling"; // "": not tried yet; the others are message keys and `data-state` too

const POLL_MS = 15_000;
const BATCH_MS = 400; // a burst of changes becomes one request per element
const HIDDEN_MS = 5_000; // a glance at another tab keeps the stream
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;
const FAILURES_UNTIL_POLLING = 3; // from then on the sign says that the page asks every 15 seconds
const ANY_TOPIC = "*";

let streamUrl = "";
let connectionState: ConnectionState = "";
let stream: EventSource | undefined;
let failures = 0;
let mayHaveMissed = false;
let retryTimer = 0;
let pollTimer = 0;
let hiddenTimer = 0;
let batchTimer = 0;
const pendingTopics = new Set<string>();

/** Connects when the page has something live. A page shown in place of another joins the stream that is there. */
export function startLive(): void {
  if (streamUrl) return showState(connectionState);
  const url = document.body.dataset["liveUrl"] ?? "";
  if (!url || !document.querySelector("[data-live], [data-live-topics], [data-live-sign]")) return;
  streamUrl = url;
  document.addEventListener("visibilitychange", onVisibilityChange);
  window.addEventListener("online", connectNow);
  watchRefreshes();
  document.addEventListener("htmx:beforeSwap", skipSameAnswer);
  document.addEventListener("htmx:afterSwap", (event) => {
    showState(connectionState); // the sign itself may have been swapped
    highlightChanges(event);
  });
  connect();
}

function connect(): void {
  stream?.close();
  // The first time the server is told how old the page is, and names what changed while it was on its way.
  stream = new EventSource(connectionState ? streamUrl : `${streamUrl}&age=${Math.ceil(performance.now())}`);
  stream.addEventListener("open", onOpen);
  stream.addEventListener("changed", (event) => onChanged((event as MessageEvent<string>).data));
  stream.addEventListener("error", onError);
}

function onOpen(): void {
  failures = 0;
  stopPolling();
  showState("live");
  if (mayHaveMissed) queueTopics([ANY_TOPIC]);
  mayHaveMissed = false;
}

function onChanged(data: string): void {
  try {
    const { topics } = JSON.parse(data) as Partial<ChangedDetail>;
    queueTopics(Array.isArray(topics) ? topics : [ANY_TOPIC]);
  } catch {
    queueTopics([ANY_TOPIC]); // unreadable, so anything may have changed
  }
}

/** EventSource would reconnect by itself, but at a fixed pace, and not at all after some statuses. */
function onError(): void {
  stream?.close();
  failures += 1;
  mayHaveMissed = true;
  showState(failures < FAILURES_UNTIL_POLLING ? "cut" : "polling");
  pollTimer ||= window.setInterval(() => queueTopics([ANY_TOPIC]), POLL_MS);
  const wait = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures);
  clearTimeout(retryTimer);
  retryTimer = window.setTimeout(connect, wait * (0.5 + Math.random() / 2)); // not all browsers at once
}

function connectNow(): void {
  clearTimeout(retryTimer);
  connect();
}

function onVisibilityChange(): void {
  clearTimeout(hiddenTimer);
  if (document.hidden) hiddenTimer = window.setTimeout(disconnect, HIDDEN_MS);
  else if (mayHaveMissed || stream?.readyState === EventSource.CLOSED) connectNow();
}

/** A tab that nobody looks at costs the server no connection. */
function disconnect(): void {
  stream?.close();
  clearTimeout(retryTimer);
  stopPolling();
  mayHaveMissed = true;
}

function stopPolling(): void {
  clearInterval(pollTimer);
  pollTimer = 0;
}

/** The first change is announced at once, those right behind it together. */
function queueTopics(topics: string[]): void {
  for (const topic of topics) pendingTopics.add(topic);
  if (batchTimer) return;
  announceChanges();
  batchTimer = window.setTimeout(() => {
    batchTimer = 0;
    if (pendingTopics.size) queueTopics([]);
  }, BATCH_MS);
}

function announceChanges(): void {
  const topics = [...pendingTopics];
  pendingTopics.clear();
  document.dispatchEvent(new CustomEvent<ChangedDetail>("qlue:changed", { detail: { topics } }));
  for (const element of liveElements()) if (matchesTopics(element.dataset["live"], topics)) refreshElement(element);
}

/** Whether one of the changed topics is in a space-separated list. */
export function matchesTopics(list: string | undefined, topics: string[]): boolean {
  return topics.includes(ANY_TOPIC) || (list ?? "").split(/\s+/).some((topic) => topic !== "" && topics.includes(topic));
}

function showState(state: ConnectionState): void {
  connectionState = state;
  for (const sign of document.querySelectorAll<HTMLElement>("[data-live-sign]")) {
    sign.hidden = !state;
    sign.dataset["state"] = state;
    const label = sign.querySelector("[data-live-word]");
    if (label && state) label.textContent = translate(state);
  }
}
