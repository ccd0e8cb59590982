// The outbox as pages use it: a form becomes a letter, letters leave by themselves, the worker goes on when no page is open.
import { keep, type Letter, letters, type Part } from "./letters";
import { freshId } from "./fresh";
import { flush } from "./post";

const LOOK_MS = 20_000;
const SIGN = "qlue-outbox"; // in localStorage while letters wait: then every page of the site sends them

let ticking = false;

/** A letter of everything in a form. It is on the disk when this resolves; a full disk rejects. */
export async function put(form: HTMLFormElement, submitter: HTMLElement | null = null): Promise<Letter> {
  const written = letterOf(form, submitter);
  await keep(written);
  sign(true);
  await askSync();
  return written;
}

/** From now on this page sends what waits: at once, when the network is back, and every now and then. */
export function goOn(): void {
  void send(true);
  if (ticking) return;
  ticking = true;
  window.addEventListener("online", () => void send(true));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") void send();
  });
  setInterval(() => void send(), LOOK_MS);
}

/** Sends what may leave now. */
export async function send(eager = false): Promise<void> {
  try {
    await flush(eager);
    sign((await letters()).some((one) => one.state !== "sent"));
  } catch (error) {
    console.error(error); // no IndexedDB here: forms go the plain way
  }
}

/** The service worker, where the browser has one; null elsewhere. */
export async function worker(): Promise<ServiceWorkerRegistration | null> {
  try {
    await navigator.serviceWorker.register("/sw.js");
    return await navigator.serviceWorker.ready;
  } catch {
    return null;
  }
}

function letterOf(form: HTMLFormElement, submitter: HTMLElement | null): Letter {
  const parts: Part[] = [];
  for (const [name, value] of new FormData(form, submitter)) {
    if (name === "csrfmiddlewaretoken" || (value instanceof File && !value.size)) continue;
    parts.push(typeof value === "string" ? [name, value] : [name, value, value.name]);
  }
  const id = parts.find(([name]) => name === "uuid")?.[1];
  return {
    id: typeof id === "string" && id ? id : freshId(),
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

/** Background sync: the browser wakes the worker when the network is back, even with the page closed. */
async function askSync(): Promise<void> {
  try {
    const registration = await navigator.serviceWorker.getRegistration();
    await (registration as unknown as { sync?: { register(tag: string): Promise<void> } } | undefined)?.sync?.register(SIGN);
  } catch {
    // not in this browser, or not allowed: pages send
  }
}

function sign(waiting: boolean): void {
  try {
    if (waiting) localStorage.setItem(SIGN, "1");
    else localStorage.removeItem(SIGN);
  } catch {
    // private window
  }
}
