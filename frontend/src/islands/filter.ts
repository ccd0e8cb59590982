// form[data-filter]: sends itself. Without script it is an ordinary GET form with a button.
import { htmx } from "../htmx";

const TYPING_MS = 450;

export function mount(element: HTMLElement): void {
  const form = element as HTMLFormElement;
  form.classList.add("is-live");
  let timer = 0;
  const applySoon = (wait: number) => {
    clearTimeout(timer);
    timer = window.setTimeout(() => void applyFilter(form), wait);
  };
  form.addEventListener("change", () => applySoon(0));
  form.addEventListener("input", (event) => {
    if ((event.target as Element).matches('[type="search"], [type="text"]')) applySoon(TYPING_MS);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    applySoon(0);
  });
}

async function applyFilter(form: HTMLFormElement): Promise<void> {
  const selector = form.dataset["target"] ?? "#hasil";
  const target = document.querySelector<HTMLElement>(selector);
  const address = filterAddress(form);
  if (!target) return location.assign(address);
  if (address === location.pathname + location.search) return;
  history.pushState({}, "", address);
  document.dispatchEvent(new CustomEvent("qlue:filtered", { detail: { query: new URL(address, location.href).search } }));
  target.setAttribute("aria-busy", "true");
  await htmx.ajax("get", address, { source: form, target, select: selector, swap: "outerHTML" });
  target.removeAttribute("aria-busy");
}

/** The form's address with only what is filled in: short enough to share. */
function filterAddress(form: HTMLFormElement): string {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && value) query.append(name, value);
  }
  const path = new URL(form.action).pathname;
  return query.size ? `${path}?${query}` : path;
}

// Going back must show the list of that address; the page itself stayed the same document.
window.addEventListener("popstate", () => location.reload());
