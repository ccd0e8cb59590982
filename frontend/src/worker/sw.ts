// The service worker: sends the outbox when no page is open, and opens pages that were kept when there is no network.
import { flush } from "../outbox/post";
import { listen } from "./notices";
import { answer, forget, isOurs, keepPage } from "./pages";

interface Waiting extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Asked extends Waiting {
  request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface Told extends Waiting {
  data: { keep?: string[]; page?: string; forget?: boolean };
}
const here = self as unknown as EventTarget & {
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
};

listen(self as unknown as Parameters<typeof listen>[0]);
here.addEventListener("install", (event) => (event as Waiting).waitUntil(here.skipWaiting()));
here.addEventListener("activate", (event) => (event as Waiting).waitUntil(here.clients.claim()));
here.addEventListener("fetch", (event) => {
  const asked = event as Asked;
  if (isOurs(asked.request)) asked.respondWith(answer(asked.request));
});
here.addEventListener("message", (event) => {
  const { data } = event as Told;
  if (data.keep && data.page) (event as Told).waitUntil(keepPage(data.page, data.keep));
  if (data.forget) (event as Told).waitUntil(forget());
});
here.addEventListener("sync", (event) => (event as Waiting).waitUntil(flush(true).then(againIf)));

/** Background sync tries again later when the work fails. */
function againIf(left: number): void {
  if (left) throw new Error(`${left} letters wait`);
}
