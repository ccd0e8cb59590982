// The outbox's queue in IndexedDB: whole POSTs with their photos. Used by pages and by the service worker.

export type FormPart = [name: string, value: string | Blob, fileName?: string];
export type RequestState = "waiting" | "signin" | "refused" | "sent";

/**
 * A form's POST that waits, or has left. Phones hold such records, and a page and a service worker of different releases
 * read the same ones: the names of database, store and fields, and the values of `state`, stay as they first were.
 */
export interface QueuedRequest {
  /** The form's uuid: a second request with it takes the first one's place, and the server answers a repeat as the first. */
  id: string;
  kind: string;
  /** Requests of one thread leave in order, and one that was refused holds up those behind it; "" = on its own. */
  thread: string;
  title: string;
  /** The page with the form, to correct it there. */
  page: string;
  url: string;
  /** Who was signed in when it was written; "" = nobody needs to be. */
  person: string;
  parts: FormPart[];
  /** When the person pressed the button, by this device's clock. */
  pressed: number;
  state: RequestState;
  /** Attempts that failed. */
  tries: number;
  /** Not before this moment, by this device's clock; of one that was sent: when. */
  due: number;
  /** The last HTTP status, 0 when there was none. */
  status: number;
  /** Body of a refusal. */
  answer: string;
  /** The address that the answer redirected to. */
  led: string;
}

const DATABASE = "qlue-outbox"; // also the name of the channel between tabs
const OBJECT_STORE = "letters";
const KEEP_SENT_MS = 24 * 3_600_000;

let database: Promise<IDBDatabase> | undefined;

/** Stores a request; resolves once it is on the disk. */
export async function putRequest(request: QueuedRequest): Promise<void> {
  await transact("readwrite", (store) => store.put(request));
  announceChange(request.id);
}

export async function deleteRequest(id: string): Promise<void> {
  await transact("readwrite", (store) => store.delete(id));
  announceChange(id);
}

export async function getRequest(id: string): Promise<QueuedRequest | undefined> {
  return transact("readonly", (store) => store.get(id) as IDBRequest<QueuedRequest | undefined>);
}

/** All requests, the oldest first; those sent more than a day ago are deleted. */
export async function listRequests(): Promise<QueuedRequest[]> {
  const requests = await transact("readonly", (store) => store.getAll() as IDBRequest<QueuedRequest[]>);
  const expired = requests.filter((request) => request.state === "sent" && Date.now() - request.due > KEEP_SENT_MS);
  for (const request of expired) await transact("readwrite", (store) => store.delete(request.id));
  return requests.filter((request) => !expired.includes(request)).sort((a, b) => a.pressed - b.pressed);
}

/** Calls `callback` whenever a request came, went or changed, in whichever tab or worker. */
export function onQueueChange(callback: () => void): void {
  new BroadcastChannel(DATABASE).addEventListener("message", callback);
}

/** By a channel of its own: a channel does not hear what it says itself, and this page's list shall change too. */
function announceChange(id: string): void {
  new BroadcastChannel(DATABASE).postMessage(id);
}

/** `strict`: the browser flushes to the disk before it reports success, so that a dead battery loses nothing. */
async function transact<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const connection = await connect();
  return new Promise((resolve, reject) => {
    const transaction = connection.transaction(OBJECT_STORE, mode, { durability: "strict" });
    const operation = work(transaction.objectStore(OBJECT_STORE));
    transaction.oncomplete = () => resolve(operation.result);
    transaction.onabort = transaction.onerror = () => reject(transaction.error ?? operation.error);
  });
}

function connect(): Promise<IDBDatabase> {
  database ??= new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(OBJECT_STORE, { keyPath: "id" });
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
  return database;
}
