// What waits to be sent, in IndexedDB: whole POSTs with their photos. Used by pages and by the service worker.

export type Part = [name: string, value: string | Blob, file?: string];
export type State = "waiting" | "signin" | "refused" | "sent";

export interface Letter {
  /** The form's uuid: a second letter with it takes the first one's place, and the server answers a repeat as the first. */
  id: string;
  kind: string;
  /** Letters of one thread leave in order, and one that was refused holds up those behind it; "" = on its own. */
  thread: string;
  title: string;
  /** The page with the form, to correct it there. */
  page: string;
  url: string;
  /** Who was signed in when it was written; "" = nobody needs to be. */
  person: string;
  parts: Part[];
  /** When the person pressed the button, by this device's clock. */
  pressed: number;
  state: State;
  tries: number;
  /** Not before this moment, by this device's clock. */
  due: number;
  /** The last HTTP status, what came with it, and the address that it led to. */
  status: number;
  answer: string;
  led: string;
}

const NAME = "qlue-outbox";
const STORE = "letters";
const SENT_KEPT_MS = 24 * 3_600_000;

let opened: Promise<IDBDatabase> | undefined;

/** Stores a letter; resolves once it is on the disk. */
export async function keep(letter: Letter): Promise<void> {
  await act("readwrite", (store) => store.put(letter));
  new BroadcastChannel(NAME).postMessage(letter.id);
}

export async function drop(id: string): Promise<void> {
  await act("readwrite", (store) => store.delete(id));
  new BroadcastChannel(NAME).postMessage(id);
}

export async function letter(id: string): Promise<Letter | undefined> {
  return act<Letter | undefined>("readonly", (store) => store.get(id) as IDBRequest<Letter | undefined>);
}

/** All letters, the oldest first; those sent more than a day ago are cleared away. */
export async function letters(): Promise<Letter[]> {
  const found = await act("readonly", (store) => store.getAll() as IDBRequest<Letter[]>);
  const old = found.filter((one) => one.state === "sent" && Date.now() - one.due > SENT_KEPT_MS);
  for (const one of old) await act("readwrite", (store) => store.delete(one.id));
  return found.filter((one) => !old.includes(one)).sort((a, b) => a.pressed - b.pressed);
}

/** Calls `changed` whenever a letter came, went or changed, in whichever tab or worker. */
export function watch(changed: () => void): void {
  new BroadcastChannel(NAME).addEventListener("message", changed);
}

async function act<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const base = await open();
  return new Promise((done, fail) => {
    const transaction = base.transaction(STORE, mode, { durability: "strict" });
    const asked = work(transaction.objectStore(STORE));
    transaction.oncomplete = () => done(asked.result);
    transaction.onabort = transaction.onerror = () => fail(transaction.error ?? asked.error);
  });
}

function open(): Promise<IDBDatabase> {
  opened ??= new Promise((done, fail) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "id" });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
  });
  return opened;
}
