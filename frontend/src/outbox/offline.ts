// form[data-later="kind"]: a form that sends itself while its person watches, and waits in the outbox without a network.
import { createElement, icon } from "../dom";
import { toast } from "../toast";
import { translate } from "../translate";
import { enqueue, startSending } from "./client";

const TITLE_LENGTH = 60;

/** Queues the form, and says so in its place. Where nothing can be stored, the form stays as it is. */
export async function queueOffline(form: HTMLFormElement, submitter: HTMLElement | null): Promise<void> {
  const words = form.querySelector<HTMLTextAreaElement>("textarea")?.value.trim() ?? "";
  if (words) form.dataset["outboxTitle"] = words.slice(0, TITLE_LENGTH); // how its writer knows it again in the list
  try {
    await enqueue(form, submitter);
  } catch {
    return toast(translate("offline"), "error");
  }
  form.dispatchEvent(new Event("qlue:acknowledged"));
  form.replaceWith(queuedNote());
  startSending();
}

function queuedNote(): HTMLElement {
  const more = createElement("a", { class: "btn btn-outline-secondary", href: location.pathname }, translate("outbox_more"));
  const words = createElement("div", {}, translate("outbox_kept"));
  const note = createElement("div", { class: "note note-info", role: "status", tabindex: "-1" }, icon("clock"), words);
  queueMicrotask(() => note.focus()); // once it stands in the page
  return createElement("div", { class: "stack" }, note, createElement("p", { class: "actions" }, more));
}
