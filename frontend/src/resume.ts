// On every page, in a few lines: what waits in the outbox is sent, and pages cached for somebody else are deleted.

const OUTBOX_FLAG = "qlue-outbox"; // set by outbox/client.ts while requests wait, so that other pages need not open IndexedDB
const PERSON_KEY = "qlue-person";

export function resumeOutbox(): void {
  if (readStorage(OUTBOX_FLAG)) void import("./outbox/client").then(({ startSending }) => startSending());
}

/** Phones are shared: when another person signs in, or this one signs out, the service worker deletes its pages. */
export function deletePagesOfOtherPerson(): void {
  const person = document.body.dataset["person"] ?? "";
  const previousPerson = readStorage(PERSON_KEY) ?? "";
  if (previousPerson === person) return;
  writeStorage(PERSON_KEY, person);
  if (!previousPerson) return;
  // the key `forget` stays: a service worker of an earlier release may be the one that runs
  void navigator.serviceWorker?.getRegistration().then((registration) => registration?.active?.postMessage({ forget: true }));
}

function readStorage(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // blocked by the browser's settings
  }
}

function writeStorage(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // private window
  }
}
