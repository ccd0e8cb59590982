import { createElement, icon } from "./dom";
import { translate } from "./translate";

const INFO_MS = 8000;

/** A short note at the edge of the page; errors stay until they are closed. */
export function toast(words: string, kind: "info" | "error" = "info"): void {
  const note = createElement("div", { class: `note note-${kind} toast-note` });
  const close = createElement("button", { class: "btn btn-sm btn-quiet", type: "button" }, translate("close"));
  close.addEventListener("click", () => note.remove());
  note.append(icon(kind === "error" ? "alert-triangle" : "info-circle"), createElement("div", {}, words), close);
  document.getElementById("toasts")?.replaceChildren(note);
  if (kind === "info") setTimeout(() => note.remove(), INFO_MS);
}
