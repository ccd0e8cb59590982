// The service worker: sends the outbox when no page is open, and opens cached pages when there is no network.
import { flush } from "../outbox/delivery";
import type { ExtendableEvent, FetchEvent } from "./events";
import { cachePage, deletePages, handlesRequest, respond } from "./pages";
import { listenForPush } from "./push";

/** What pages post (islands/keep.ts, resume.ts). Open pages may be of an earlier release: the keys stay as they are. */
interface PageMessage extends ExtendableEvent {
  data: { keep?: string[]; page?: string; forget?: boolean };
}
const worker = self as unknown as EventTarget & {
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
};

listenForPush(self as unknown as Parameters<typeof listenForPush>[0]);
// A new release takes over at once: what it stores is compatible, and an old one would go on with old rules for days.
worker.addEventListener("install", (event) => (event as ExtendableEvent).waitUntil(worker.skipWaiting()));
worker.addEventListener("activate", (event) => (event as ExtendableEvent).waitUntil(worker.clients.claim()));
worker.addEventListener("fetch", (event) => {
  const fetchEvent = event as FetchEvent;
  if (handlesRequest(fetchEvent.request)) fetchEvent.respondWith(respond(fetchEvent.request));
});
worker.addEventListener("message", (event) => {
  const message = event as PageMessage;
  const { keep, page, forget } = message.data;
  if (keep && page) message.waitUntil(cachePage(page, keep));
  if (forget) message.waitUntil(deletePages());
});
worker.addEventListener("sync", (event) => (event as ExtendableEvent).waitUntil(flush(true).then(failIfWaiting)));

/** Background sync tries again later when the work fails. */
function failIfWaiting(waiting: number): void {
  if (waiting) throw new Error(`${waiting} requests wait`);
}
