// form[data-outbox="kind"]: what is sent here goes through the outbox, with or without a network.
// data-outbox-title: how the person knows it again. data-outbox-thread: see QueuedRequest.thread.
// The form dispatches "qlue:kept" (detail: the request) once it is safe on this device. #perbaiki-ID in the address fills
// a refused request in again.
import { enqueue, serviceWorker, startSending } from "../outbox/client";
import { type FormPart, getRequest } from "../outbox/store";
import { renewUuid } from "../outbox/uuid";
import { toast } from "../toast";
import { translate } from "../translate";

export function mount(element: HTMLElement): void {
  const form = element as HTMLFormElement;
  void serviceWorker();
  renewUuid(form);
  void restoreRefused(form);
  window.addEventListener("hashchange", () => void restoreRefused(form));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void queueForm(form, event.submitter);
  });
}

async function queueForm(form: HTMLFormElement, submitter: HTMLElement | null): Promise<void> {
  try {
    const request = await enqueue(form, submitter);
    form.reset();
    renewUuid(form);
    form.dispatchEvent(new CustomEvent("qlue:kept", { bubbles: true, detail: request }));
    if (!navigator.onLine) toast(translate("outbox_kept"));
    startSending();
  } catch {
    form.submit(); // nowhere to store it: the plain way
  }
}

/** Fills in the refused request that the address names, its uuid too: corrected, it takes the refused one's place. */
export async function restoreRefused(form: HTMLFormElement): Promise<void> {
  const id = location.hash.match(/^#perbaiki-([\w-]+)$/)?.[1];
  const request = id ? await getRequest(id).catch(() => undefined) : undefined;
  if (!request || new URL(request.url, location.href).href !== form.action) return;
  for (const part of request.parts) fillControls(form, part);
  fillFileInputs(form, request.parts);
  form.closest("details")?.setAttribute("open", "");
  form.scrollIntoView({ block: "center" });
}

function fillControls(form: HTMLFormElement, [name, value]: FormPart): void {
  if (typeof value !== "string") return;
  for (const control of form.querySelectorAll<HTMLInputElement>(`[name="${CSS.escape(name)}"]`)) {
    if (/^(checkbox|radio)$/.test(control.type)) control.checked ||= control.value === value;
    else if (control.type !== "file") control.value = value;
  }
}

/** The `change` lets the photo island draw its previews. */
function fillFileInputs(form: HTMLFormElement, parts: FormPart[]): void {
  for (const input of form.querySelectorAll<HTMLInputElement>("input[type=file][name]")) {
    const transfer = new DataTransfer();
    for (const [name, value, fileName] of parts) {
      if (name !== input.name || !(value instanceof Blob)) continue;
      transfer.items.add(new File([value], fileName ?? "foto.jpg", { type: value.type }));
    }
    if (!transfer.files.length) continue;
    input.files = transfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }
}
