import type { QueuedRequest } from "../../src/outbox/store";

let clock = 0;

/** A request as a form would have queued it, each a second after the one before. */
export function queuedRequest(changes: Partial<QueuedRequest> = {}): QueuedRequest {
  clock += 1000;
  const id = changes.id ?? `id-${clock}`;
  return {
    id,
    kind: "report",
    thread: "",
    title: "Lampu mati",
    page: "/makassar/lapor/",
    url: "https://qlue.example/makassar/lapor/",
    person: "",
    parts: [["uuid", id], ["words", "Lampu mati di depan sekolah"]],
    pressed: Date.UTC(2026, 9, 1) + clock,
    state: "waiting",
    tries: 0,
    due: 0,
    status: 0,
    answer: "",
    led: "",
    ...changes,
  };
}
