// Sends what waits in the queue. Runs in pages and in the service worker, in one of them at a time. Each request is
// harmless when it is sent twice, because it carries its form's uuid.
import { listRequests, putRequest, type QueuedRequest } from "./store";

const PASS_URL = "/outbox.json";
const PASS_TIMEOUT_MS = 15_000;
const POST_TIMEOUT_MS = 180_000; // five photos over a slow line
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 15 * 60_000;
const MAX_ANSWER_LENGTH = 200_000; // characters of a refusal that are stored, to be read
const RETRY_STATUSES = new Set([408, 425, 429]); // timeout, too early, too many: the same request may pass later
const LOCK = "qlue-outbox";

/** What the server wants to see with each request: the CSRF token of now, and who is signed in now. */
interface Pass {
  token: string;
  person: string;
}

/** Sends all that may leave now, `eager` also what pauses after a failure; returns how many still wait. */
export async function flush(eager = false): Promise<number> {
  if (!navigator.locks) return sendAll(eager); // not a secure context: it may be sent twice, see above
  return navigator.locks.request(LOCK, () => sendAll(eager)) as Promise<number>;
}

async function sendAll(eager: boolean): Promise<number> {
  const unsent = (await listRequests()).filter((request) => request.state !== "sent");
  const open = unsent.filter((request) => request.state !== "refused");
  const pass = open.length ? await fetchPass() : null;
  if (!pass) return open.length;
  const blockedThreads = new Set<string>();
  let waiting = 0;
  for (const request of unsent) {
    const result = mayLeave(request, blockedThreads, eager) ? await deliver(request, pass) : request;
    if (result !== request) await putRequest(result);
    if (result.state !== "sent" && result.thread) blockedThreads.add(result.thread);
    if (result.state === "waiting") waiting += 1;
  }
  return waiting;
}

function mayLeave(request: QueuedRequest, blockedThreads: Set<string>, eager: boolean): boolean {
  return request.state !== "refused" && !blockedThreads.has(request.thread) && (eager || request.due <= Date.now());
}

/** The page with the form may be days old, and so its token; null when the server cannot be reached. */
async function fetchPass(): Promise<Pass | null> {
  try {
    const response = await fetch(PASS_URL, { cache: "no-store", signal: AbortSignal.timeout(PASS_TIMEOUT_MS) });
    return response.ok ? ((await response.json()) as Pass) : null;
  } catch {
    return null;
  }
}

/** The request as it is after one attempt. What somebody wrote never leaves in another person's name. */
async function deliver(request: QueuedRequest, pass: Pass): Promise<QueuedRequest> {
  if (request.person && request.person !== pass.person) return { ...request, state: "signin" };
  try {
    return await afterResponse(request, await post(request, pass));
  } catch {
    return paused(request, 0, 0); // no network, or it broke half way: nobody knows whether it arrived, so again
  }
}

function post(request: QueuedRequest, pass: Pass): Promise<Response> {
  const body = new FormData();
  for (const [name, value, fileName] of request.parts) {
    if (typeof value === "string") body.append(name, value);
    else body.append(name, value, fileName ?? "foto.jpg");
  }
  // its age and not the time: a phone's clock may be wrong by days
  const age = Math.max(0, Math.round((Date.now() - request.pressed) / 1000));
  const headers = { "X-CSRFToken": pass.token, "X-Qlue-Outbox": String(age) };
  return fetch(request.url, { method: "POST", body, headers, cache: "no-store", signal: AbortSignal.timeout(POST_TIMEOUT_MS) });
}

async function afterResponse(request: QueuedRequest, response: Response): Promise<QueuedRequest> {
  const { status } = response;
  if (response.ok) return { ...request, state: "sent", parts: [], status, led: response.url, due: Date.now() };
  if (status === 401) return { ...request, state: "signin", status };
  // `X-Qlue-Again` marks a 403 for a token that expired between the pass and the POST
  if (RETRY_STATUSES.has(status) || status >= 500 || response.headers.has("X-Qlue-Again")) {
    return paused(request, status, Number(response.headers.get("Retry-After")) * 1000);
  }
  return { ...request, state: "refused", status, answer: (await response.text()).slice(0, MAX_ANSWER_LENGTH) };
}

/** Pauses double from 5 s to 15 min, a quarter more or less, so that phones do not all come back at once. */
function paused(request: QueuedRequest, status: number, retryAfterMs: number): QueuedRequest {
  const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** request.tries) * (0.75 + Math.random() / 2);
  const due = Date.now() + Math.max(pause, retryAfterMs || 0); // NaN when the header holds a date
  return { ...request, state: "waiting", status, tries: request.tries + 1, due };
}
