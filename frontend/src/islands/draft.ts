// Nothing typed is ever lost: a form is kept in this browser until a page says that it arrived.
import { icon, make } from "../dom";
import { say } from "../say";
import { freshen } from "../outbox/fresh";
import { sendForm } from "../send";

const PREFIX = "qlue-draft:";
const TYPING_MS = 300;
const DAYS_KEPT = 7;

interface Draft {
  at: number;
  values: Record<string, string[]>;
}

export function start(element: HTMLElement): void {
  const done = element.dataset["draftDone"];
  if (done) return forget(done);
  const form = element as HTMLFormElement;
  const key = form.dataset["draft"] ?? "";
  if (form.dataset["later"] && !isSentBack(form)) freshen(form);
  if (form.dataset["later"]) void import("../outbox/later"); // it must be here before the network is gone
  restore(form, key);
  if (location.hash.startsWith("#perbaiki-")) void import("./letter").then(({ correct }) => correct(form));
  let timer = 0;
  const keep = () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => save(key, form), TYPING_MS);
  };
  form.addEventListener("input", keep);
  form.addEventListener("change", keep);
  form.addEventListener("qlue:acknowledged", () => forget(key));
  form.addEventListener("qlue:answered", () => void settle(form)); // a letter that was corrected here
  form.addEventListener("submit", (event) => {
    clearTimeout(timer); // or it would save again what a quick answer has just acknowledged
    save(key, form);
    sendForm(form, event);
  });
}

async function settle(form: HTMLFormElement): Promise<void> {
  const id = form.querySelector<HTMLInputElement>('input[name="uuid"]')?.value;
  if (id && form.dataset["later"]) await import("../outbox/letters").then(({ drop }) => drop(id));
}

function save(key: string, form: HTMLFormElement): void {
  const values: Record<string, string[]> = {};
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && isKept(form, name)) (values[name] ??= []).push(value);
  }
  try {
    localStorage.setItem(PREFIX + key, JSON.stringify({ at: Date.now(), values } satisfies Draft));
  } catch {
    // private window or full: the form itself still works
  }
}

function forget(key: string): void {
  try {
    localStorage.removeItem(PREFIX + key);
  } catch {
    // as above
  }
}

function isKept(form: HTMLFormElement, name: string): boolean {
  return name !== "csrfmiddlewaretoken" && !form.querySelector(`input[type="password"][name="${CSS.escape(name)}"]`);
}

/** Fills in a kept draft, unless the server sent the form back filled. */
function restore(form: HTMLFormElement, key: string): void {
  const draft = read(key);
  if (!draft || isSentBack(form)) return;
  let changed = false;
  for (const control of controls(form)) {
    const kept = draft.values[control.name];
    if (isKept(form, control.name)) changed = fill(control, kept) || changed;
  }
  if (changed) form.prepend(restoredNote(key));
}

function isSentBack(form: HTMLFormElement): boolean {
  return Boolean(form.querySelector(".field-wrong") ?? document.getElementById("masalah"));
}

function read(key: string): Draft | null {
  try {
    const draft = JSON.parse(localStorage.getItem(PREFIX + key) ?? "null") as Draft | null;
    return draft && Date.now() - draft.at < DAYS_KEPT * 86_400_000 ? draft : null;
  } catch {
    return null;
  }
}

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

function controls(form: HTMLFormElement): Control[] {
  return [...form.querySelectorAll<Control>("input[name]:not([type=file]):not([type=submit]), select[name], textarea[name]")];
}

/** Whether something that a person sees was changed. */
function fill(control: Control, kept: string[] | undefined): boolean {
  if (control instanceof HTMLInputElement && /^(checkbox|radio)$/.test(control.type)) {
    const checked = (kept ?? []).includes(control.value);
    const changed = control.checked !== checked;
    control.checked = checked;
    return changed;
  }
  const value = kept?.[0];
  if (value === undefined || control.value === value) return false;
  control.value = value;
  control.dispatchEvent(new Event("qlue:restored", { bubbles: true }));
  return control.type !== "hidden";
}

function restoredNote(key: string): HTMLElement {
  const again = make("button", { class: "btn btn-sm btn-quiet", type: "button" }, say("discard"));
  again.addEventListener("click", () => {
    forget(key);
    location.reload();
  });
  return make("div", { class: "note note-info", role: "status" }, icon("info-circle"), make("div", {}, say("restored"), " ", again));
}
