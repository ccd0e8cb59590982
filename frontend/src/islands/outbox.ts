// data-island="outbox": lists what waits to be sent, for the person to see (data-kind narrows it).
import { createElement, icon } from "../dom";
import { sendPending, startSending } from "../outbox/client";
import { deleteRequest, listRequests, onQueueChange, type QueuedRequest } from "../outbox/store";
import { translate } from "../translate";

const STATES = {
  waiting: ["status-yellow", "clock", "outbox_waiting"],
  signin: ["status-yellow", "lock", "outbox_signin"],
  refused: ["status-red", "alert-triangle", "outbox_refused"],
  sent: ["status-green", "circle-check", "outbox_sent"],
} as const; // class, icon, message key

export function mount(element: HTMLElement): void {
  const update = () => void drawList(element);
  onQueueChange(update);
  window.addEventListener("online", update);
  window.addEventListener("offline", update);
  update();
  startSending();
}

async function drawList(element: HTMLElement): Promise<void> {
  const kind = element.dataset["kind"];
  const queue = await listRequests().catch(() => [] as QueuedRequest[]);
  const requests = queue.filter((request) => !kind || request.kind === kind);
  const rows = createElement("ul", { class: "outbox" }, ...requests.map(requestRow));
  element.hidden = !requests.length;
  element.replaceChildren(createElement("h2", { class: "h3" }, translate("outbox")), rows);
  element.dataset["waiting"] = String(requests.filter((request) => request.state !== "sent").length);
}

function requestRow(request: QueuedRequest): HTMLLIElement {
  const [colour, iconName, label] = STATES[request.state];
  const state = createElement("span", { class: `status ${colour}` }, icon(iconName), translate(label));
  const title = createElement("strong", {}, request.title);
  const time = createElement("span", { class: "small" }, formatTime(request.pressed));
  const row = createElement("li", { class: "outbox-row", "data-state": request.state }, title, time, state);
  if (request.state === "refused") row.append(createElement("p", { class: "outbox-why" }, refusalReason(request)));
  row.append(createElement("div", { class: "cluster" }, ...buttons(request)));
  return row;
}

function formatTime(at: number): string {
  const language = document.documentElement.lang || "id";
  return new Date(at).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });
}

function buttons(request: QueuedRequest): HTMLElement[] {
  switch (request.state) {
    case "sent":
      return request.led ? [openLink(request.led)] : [];
    case "refused":
      return [correctLink(request), discardButton(request)];
    case "signin":
      return [signInLink(request), discardButton(request)];
    default:
      return [sendNowButton(), discardButton(request)];
  }
}

/** Where the answer redirected to: for a report its own secret page. */
function openLink(redirectedTo: string): HTMLElement {
  return createElement("a", { class: "btn btn-sm btn-outline-secondary", href: redirectedTo }, translate("map_open"));
}

function sendNowButton(): HTMLElement {
  const button = createElement("button", { type: "button", class: "btn btn-sm btn-outline-secondary" }, translate("outbox_now"));
  button.addEventListener("click", () => void sendPending(true));
  return button;
}

/** To the form's own page, which fills itself in by this address (queued-form.ts). */
function correctLink(request: QueuedRequest): HTMLElement {
  const address = `${request.page}#perbaiki-${request.id}`;
  return createElement("a", { class: "btn btn-sm btn-primary", href: address }, translate("outbox_correct"));
}

function signInLink(request: QueuedRequest): HTMLElement {
  const address = `${document.body.dataset["signIn"] ?? "/"}?next=${encodeURIComponent(request.page)}`;
  return createElement("a", { class: "btn btn-sm btn-primary", href: address }, translate("outbox_enter"));
}

function discardButton(request: QueuedRequest): HTMLElement {
  const button = createElement("button", { type: "button", class: "btn btn-sm btn-quiet" }, translate("outbox_discard"));
  button.addEventListener("click", () => {
    if (confirm(translate("outbox_sure"))) void deleteRequest(request.id);
  });
  return button;
}

const REASONS = "#masalah li, #masalah p, .problem h1, .problem .lead, .note-error";

/** The server's own words, from JSON or from the page that it sent back. */
export function refusalReason(request: QueuedRequest): string {
  try {
    return (JSON.parse(request.answer) as { why: string }).why;
  } catch {
    const page = new DOMParser().parseFromString(request.answer, "text/html");
    const reasons = [...page.querySelectorAll(REASONS)].map((part) => part.textContent?.trim());
    return [...new Set(reasons)].join(" ") || translate("failed");
  }
}
