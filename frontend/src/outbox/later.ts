// form[data-later="kind"]: a form that sends itself while its person watches, and waits in the outbox where there is no network.
import { icon, make } from "../dom";
import { say } from "../say";
import { toast } from "../toast";
import { goOn, put } from "./office";

const TITLE_LENGTH = 60;

/** Keeps the form as a letter, and says so in its place. Where nothing can be kept, the form stays as it is. */
export async function later(form: HTMLFormElement, submitter: HTMLElement | null): Promise<void> {
  const words = form.querySelector<HTMLTextAreaElement>("textarea")?.value.trim() ?? "";
  if (words) form.dataset["outboxTitle"] = words.slice(0, TITLE_LENGTH);
  try {
    await put(form, submitter);
  } catch {
    return toast(say("offline"), "error");
  }
  form.dispatchEvent(new Event("qlue:acknowledged"));
  form.replaceWith(kept());
  goOn();
}

function kept(): HTMLElement {
  const more = make("a", { class: "btn btn-outline-secondary", href: location.pathname }, say("outbox_more"));
  const note = make("div", { class: "note note-info", role: "status", tabindex: "-1" }, icon("clock"), make("div", {}, say("outbox_kept")));
  const whole = make("div", { class: "stack" }, note, make("p", { class: "actions" }, more));
  queueMicrotask(() => note.focus());
  return whole;
}
