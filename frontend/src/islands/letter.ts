// form[data-outbox="kind"]: what is sent here goes through the outbox, with or without a network.
// data-outbox-title: how the person knows it again. data-outbox-thread: see Letter.thread.
// "qlue:kept" (detail: the letter) is told by the form once it is safe on this device. #perbaiki-ID fills a refused one in again.
import { letter, type Part } from "../outbox/letters";
import { freshen } from "../outbox/fresh";
import { goOn, put, worker } from "../outbox/office";
import { say } from "../say";
import { toast } from "../toast";

export function start(element: HTMLElement): void {
  const form = element as HTMLFormElement;
  void worker();
  freshen(form);
  void correct(form);
  window.addEventListener("hashchange", () => void correct(form));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void take(form, event.submitter);
  });
}

async function take(form: HTMLFormElement, submitter: HTMLElement | null): Promise<void> {
  try {
    const written = await put(form, submitter);
    form.reset();
    freshen(form);
    form.dispatchEvent(new CustomEvent("qlue:kept", { bubbles: true, detail: written }));
    if (!navigator.onLine) toast(say("outbox_kept"));
    goOn();
  } catch {
    form.submit(); // nowhere to keep it: the plain way
  }
}

/** Fills in what the address names: a letter that was refused. */
export async function correct(form: HTMLFormElement): Promise<void> {
  const id = location.hash.match(/^#perbaiki-([\w-]+)$/)?.[1];
  const found = id ? await letter(id).catch(() => undefined) : undefined;
  if (!found || new URL(found.url, location.href).href !== form.action) return;
  for (const part of found.parts) fill(form, part);
  putFiles(form, found.parts);
  form.closest("details")?.setAttribute("open", "");
  form.scrollIntoView({ block: "center" });
}

function fill(form: HTMLFormElement, [name, value]: Part): void {
  if (typeof value !== "string") return;
  for (const control of form.querySelectorAll<HTMLInputElement>(`[name="${CSS.escape(name)}"]`)) {
    if (/^(checkbox|radio)$/.test(control.type)) control.checked ||= control.value === value;
    else if (control.type !== "file") control.value = value;
  }
}

function putFiles(form: HTMLFormElement, parts: Part[]): void {
  for (const input of form.querySelectorAll<HTMLInputElement>("input[type=file][name]")) {
    const list = new DataTransfer();
    for (const [name, value, file] of parts) {
      if (name === input.name && value instanceof Blob) list.items.add(new File([value], file ?? "foto.jpg", { type: value.type }));
    }
    if (!list.files.length) continue;
    input.files = list.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }
}
