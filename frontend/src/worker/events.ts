// Events of a service worker, as far as we use them. TypeScript's own library for workers contradicts the one for pages,
// and this project compiles both together.

export interface ExtendableEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}
export interface FetchEvent extends ExtendableEvent {
  request: Request;
  respondWith(response: Promise<Response>): void;
}
