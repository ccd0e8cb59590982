// What waits to be sent, for the person to see: an element with data-island="outbox" lists it (data-kind narrows it).
import { icon, make } from "../dom";
import { drop, type Letter, letters, watch } from "../outbox/letters";
import { goOn, send } from "../outbox/office";
import { say } from "../say";

const SHOWN = {
  waiting: ["status-yellow", "clock", "outbox_waiting"],
  signin: ["status-yellow", "lock", "outbox_signin"],
  refused: ["status-red", "alert-triangle", "outbox_refused"],
  sent: ["status-green", "circle-check", "outbox_sent"],
} as const; // icons

export function start(element: HTMLElement): void {
  const show = () => void draw(element);
  watch(show);
  window.addEventListener("online", show);
  window.addEventListener("offline", show);
  show();
  goOn();
}

async function draw(element: HTMLElement): Promise<void> {
  const kind = element.dataset["kind"];
  const all = await letters().catch(() => [] as Letter[]);
  const found = all.filter((one) => !kind || one.kind === kind);
  element.hidden = !found.length;
  element.replaceChildren(make("h2", { class: "h3" }, say("outbox")), make("ul", { class: "outbox" }, ...found.map(row)));
  element.dataset["waiting"] = String(found.filter((one) => one.state !== "sent").length);
}

function row(one: Letter): HTMLLIElement {
  const [colour, sign, words] = SHOWN[one.state];
  const time = new Date(one.pressed).toLocaleTimeString(document.documentElement.lang || "id", { hour: "2-digit", minute: "2-digit" });
  const state = make("span", { class: `status ${colour}` }, icon(sign), say(words));
  const line = make("li", { class: "outbox-row", "data-state": one.state }, make("strong", {}, one.title), make("span", { class: "small" }, time), state);
  if (one.state === "refused") line.append(make("p", { class: "outbox-why" }, why(one)));
  line.append(make("div", { class: "cluster" }, ...buttons(one)));
  return line;
}

function buttons(one: Letter): HTMLElement[] {
  if (one.state === "sent") return one.led ? [look(one)] : [];
  const found = [one.state === "refused" ? correct(one) : one.state === "signin" ? signIn(one) : now()];
  return [...found, discard(one)];
}

/** Where the answer led: for a report its own secret page. */
function look(one: Letter): HTMLElement {
  return make("a", { class: "btn btn-sm btn-outline-secondary", href: one.led }, say("map_open"));
}

function now(): HTMLElement {
  const button = make("button", { type: "button", class: "btn btn-sm btn-outline-secondary" }, say("outbox_now"));
  button.addEventListener("click", () => void send(true));
  return button;
}

function correct(one: Letter): HTMLElement {
  return make("a", { class: "btn btn-sm btn-primary", href: `${one.page}#perbaiki-${one.id}` }, say("outbox_correct"));
}

function signIn(one: Letter): HTMLElement {
  const address = `${document.body.dataset["signIn"] ?? "/"}?next=${encodeURIComponent(one.page)}`;
  return make("a", { class: "btn btn-sm btn-primary", href: address }, say("outbox_enter"));
}

function discard(one: Letter): HTMLElement {
  const button = make("button", { type: "button", class: "btn btn-sm btn-quiet" }, say("outbox_discard"));
  button.addEventListener("click", () => {
    if (confirm(say("outbox_sure"))) void drop(one.id);
  });
  return button;
}

/** The server's own words, from JSON or from the page that it sent back. */
export function why(one: Letter): string {
  try {
    return (JSON.parse(one.answer) as { why: string }).why;
  } catch {
    const page = new DOMParser().parseFromString(one.answer, "text/html");
    const said = [...page.querySelectorAll("#masalah li, #masalah p, .problem h1, .problem .lead, .note-error")];
    return [...new Set(said.map((part) => part.textContent?.trim()))].join(" ") || say("failed");
  }
}
