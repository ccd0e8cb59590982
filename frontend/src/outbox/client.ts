// The outbox as pages use it: a form becomes a queued request, which leaves by itself; the service worker goes on when no
// page is open.
import { flush } from "./delivery";
import { type FormPart, listRequests, putRequest, type QueuedRequest } from "./store";
import { newUuid } from "./uuid";

const SEND_EVERY_MS = 20_000;
const SYNC_TAG = "qlue-outbox";
const OUTBOX_FLAG = "qlue-outbox"; // in localStorage while requests wait; every page of the site then sends them (resume.ts)

let isStarted = false;

/** Queues everything in a form. It is on the disk when this resolves; a full disk rejects. */
export async function enqueue(form: HTMLFormElement, submitter: HTMLElement | null = null): Promise<QueuedRequest> {
  const request = requestOf(form, submitter);
  await putRequest(request);
  setOutboxFlag(true);
  await registerSync();
  return request;
}

/** From now on this page sends what waits: at once, when the network is back, when it is looked at, and every now and then. */
export function startSending(): void {
  void sendPending(true);
  if (isStarted) return;
  isStarted = true;
  window.addEventListener("online", () => void sendPending(true));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") void sendPending();
  });
  setInterval(() => void sendPending(), SEND_EVERY_MS);
}

/** Sends what may leave now; `eager` also what pauses after a failure. */
export async function sendPending(eager = false): Promise<void> {
  try {
    await flush(eager);
    setOutboxFlag((await listRequests()).some((request) => request.state !== "sent"));
  } catch (error) {
    console.error(error); // no IndexedDB here: forms go the plain way
  }
}

/** The service worker, where the browser has one; null elsewhere. */
export async function serviceWorker(): Promise<ServiceWorkerRegistration | null> {
  try {
    await navigator.serviceWorker.register("/sw.js");
    return await navigator.serviceWorker.ready;
  } catch {
    return null;
  }
}

function requestOf(form: HTMLFormElement, submitter: HTMLElement | null): QueuedRequest {
  const parts = formParts(form, submitter);
  const uuid = parts.find(([name]) => name === "uuid")?.[1];
  return {
    id: typeof uuid === "string" && uuid ? uuid : newUuid(),
    kind: form.dataset["outbox"] ?? form.dataset["later"] ?? "",
    thread: form.dataset["outboxThread"] ?? "",
    title: form.dataset["outboxTitle"] ?? document.title,
    page: location.pathname + location.search,
    url: submitter?.getAttribute("formaction") ?? form.action,
    person: document.body.dataset["person"] ?? "",
    parts,
    pressed: Date.now(),
    state: "waiting",
    tries: 0,
    due: 0,
    status: 0,
    answer: "",
    led: "",
  };
}

/** Without the CSRF token, which will be another one by then, and without empty file inputs. */
function formParts(form: HTMLFormElement, submitter: HTMLElement | null): FormPart[] {
  const parts: FormPart[] = [];
  for (const [name, value] of new FormData(form, submitter)) {
    if (name === "csrfmiddlewaretoken" || (value instanceof File && !value.size)) continue;
    parts.push(typeof value === "string" ? [name, value] : [name, value, value.name]);
  }
  return parts;
}

/** Background sync (not yet in TypeScript's types): the browser wakes the worker when the network is back. */
interface SyncRegistration {
  sync?: { register(tag: string): Promise<void> };
}

async function registerSync(): Promise<void> {
  try {
    const registration = await navigator.serviceWorker.getRegistration();
    await (registration as SyncRegistration | undefined)?.sync?.register(SYNC_TAG);
  } catch {
    // not in this browser, or not allowed: pages send
  }
}

function setOutboxFlag(isWaiting: boolean): void {
  try {
    if (isWaiting) localStorage.setItem(OUTBOX_FLAG, "1");
    else localStorage.removeItem(OUTBOX_FLAG);
  } catch {
    // private window
  }
}
