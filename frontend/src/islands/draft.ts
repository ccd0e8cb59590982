// form[data-draft="key"]: nothing typed is ever lost. The form is stored in this browser until a page says that it arrived.
import { createElement, icon } from "../dom";
import { renewUuid } from "../outbox/uuid";
import { sendForm } from "../send";
import { translate } from "../translate";

const KEY_PREFIX = "qlue-draft:";
const TYPING_MS = 300;
const KEEP_DAYS = 7;

/** As it lies in localStorage: `at` is when it was saved. */
interface Draft {
  at: number;
  values: Record<string, string[]>;
}

export function mount(element: HTMLElement): void {
  const acknowledgedKey = element.dataset["draftDone"];
  if (acknowledgedKey) return deleteDraft(acknowledgedKey);
  const form = element as HTMLFormElement;
  const key = form.dataset["draft"] ?? "";
  if (form.dataset["later"]) prepareForOutbox(form);
  restoreDraft(form, key);
  if (location.hash.startsWith("#perbaiki-")) {
    void import("./queued-form").then(({ restoreRefused }) => restoreRefused(form));
  }
  form.addEventListener("qlue:acknowledged", () => deleteDraft(key));
  form.addEventListener("qlue:answered", () => void deleteCorrectedRequest(form));
  saveWhileTyping(form, key);
}

function prepareForOutbox(form: HTMLFormElement): void {
  if (!isSentBack(form)) renewUuid(form);
  void import("../outbox/offline"); // it must be here before the network is gone
}

function saveWhileTyping(form: HTMLFormElement, key: string): void {
  let timer = 0;
  const saveSoon = () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => saveDraft(key, form), TYPING_MS);
  };
  form.addEventListener("input", saveSoon);
  form.addEventListener("change", saveSoon);
  form.addEventListener("submit", (event) => {
    clearTimeout(timer); // or it would save again what a quick answer has just acknowledged
    saveDraft(key, form);
    sendForm(form, event);
  });
}

/** A refused request that was corrected in this form and has arrived needs no place in the outbox any more. */
async function deleteCorrectedRequest(form: HTMLFormElement): Promise<void> {
  const uuid = form.querySelector<HTMLInputElement>('input[name="uuid"]')?.value;
  if (uuid && form.dataset["later"]) await import("../outbox/store").then(({ deleteRequest }) => deleteRequest(uuid));
}

function saveDraft(key: string, form: HTMLFormElement): void {
  const values: Record<string, string[]> = {};
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && isStorable(form, name)) (values[name] ??= []).push(value);
  }
  try {
    localStorage.setItem(KEY_PREFIX + key, JSON.stringify({ at: Date.now(), values } satisfies Draft));
  } catch {
    // private window or full: the form itself still works
  }
}

function deleteDraft(key: string): void {
  try {
    localStorage.removeItem(KEY_PREFIX + key);
  } catch {
    // as above
  }
}

/** Passwords and tokens do not go to the disk. */
function isStorable(form: HTMLFormElement, name: string): boolean {
  return name !== "csrfmiddlewaretoken" && !form.querySelector(`input[type="password"][name="${CSS.escape(name)}"]`);
}

/** Fills in a stored draft, unless the server sent the form back filled. */
function restoreDraft(form: HTMLFormElement, key: string): void {
  const draft = readDraft(key);
  if (!draft || isSentBack(form)) return;
  let isChanged = false;
  for (const control of controls(form)) {
    if (isStorable(form, control.name)) isChanged = fillControl(control, draft.values[control.name]) || isChanged;
  }
  if (isChanged) form.prepend(restoredNote(key));
}

function isSentBack(form: HTMLFormElement): boolean {
  return Boolean(form.querySelector(".field-wrong") ?? document.getElementById("masalah"));
}

function readDraft(key: string): Draft | null {
  try {
    const draft = JSON.parse(localStorage.getItem(KEY_PREFIX + key) ?? "null") as Draft | null;
    return draft && Date.now() - draft.at < KEEP_DAYS * 86_400_000 ? draft : null;
  } catch {
    return null;
  }
}

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

function controls(form: HTMLFormElement): Control[] {
  const selector = "input[name]:not([type=file]):not([type=submit]), select[name], textarea[name]";
  return [...form.querySelectorAll<Control>(selector)];
}

/** Whether something that a person sees was changed. */
function fillControl(control: Control, values: string[] | undefined): boolean {
  if (control instanceof HTMLInputElement && /^(checkbox|radio)$/.test(control.type)) {
    const isChecked = (values ?? []).includes(control.value);
    const isChanged = control.checked !== isChecked;
    control.checked = isChecked;
    return isChanged;
  }
  const value = values?.[0];
  if (value === undefined || control.value === value) return false;
  control.value = value;
  control.dispatchEvent(new Event("qlue:restored", { bubbles: true })); // the pin redraws its place
  return control.type !== "hidden";
}

function restoredNote(key: string): HTMLElement {
  const discard = createElement("button", { class: "btn btn-sm btn-quiet", type: "button" }, translate("discard"));
  discard.addEventListener("click", () => {
    deleteDraft(key);
    location.reload();
  });
  const words = createElement("div", {}, translate("restored"), " ", discard);
  return createElement("div", { class: "note note-info", role: "status" }, icon("info-circle"), words);
}
