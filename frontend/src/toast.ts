import { icon, make } from "./dom";
import { say } from "./say";

/** A short note at the edge of the page; errors stay until they are closed. */
export function toast(words: string, kind: "info" | "error" = "info"): void {
  const note = make("div", { class: `note note-${kind} toast-note` });
  const close = make("button", { class: "btn btn-sm btn-quiet", type: "button" }, say("close"));
  close.addEventListener("click", () => note.remove());
  note.append(icon(kind === "error" ? "alert-triangle" : "info-circle"), make("div", {}, words), close);
  document.getElementById("toasts")?.replaceChildren(note);
  if (kind === "info") setTimeout(() => note.remove(), 8000);
}
