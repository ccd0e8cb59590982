// A filter form that sends itself. Without script it is an ordinary GET form with a button.
import { htmx } from "../hypertext";

const TYPING_MS = 450;

export function start(element: HTMLElement): void {
  const form = element as HTMLFormElement;
  form.classList.add("is-live");
  let timer = 0;
  const soon = (wait: number) => {
    clearTimeout(timer);
    timer = window.setTimeout(() => void send(form), wait);
  };
  form.addEventListener("change", () => soon(0));
  form.addEventListener("input", (event) => {
    if ((event.target as Element).matches('[type="search"], [type="text"]')) soon(TYPING_MS);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    soon(0);
  });
}

async function send(form: HTMLFormElement): Promise<void> {
  const where = form.dataset["target"] ?? "#hasil";
  const target = document.querySelector<HTMLElement>(where);
  const address = addressOf(form);
  if (!target) return location.assign(address);
  if (address === location.pathname + location.search) return;
  history.pushState({}, "", address);
  document.dispatchEvent(new CustomEvent("qlue:filtered", { detail: { query: new URL(address, location.href).search } }));
  target.setAttribute("aria-busy", "true");
  await htmx.ajax("get", address, { source: form, target, select: where, swap: "outerHTML" });
  target.removeAttribute("aria-busy");
}

/** The form's address with only what is filled in: short enough to share. */
function addressOf(form: HTMLFormElement): string {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && value) query.append(name, value);
  }
  const path = new URL(form.action).pathname;
  return query.size ? `${path}?${query}` : path;
}

window.addEventListener("popstate", () => location.reload());
