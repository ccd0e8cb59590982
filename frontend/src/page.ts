// Shows a page that came as the answer to a form, in place of the present one.
import { htmx } from "./htmx";
import { startLive } from "./live";
import { mountIslands } from "./mount";

/** Files that a person chose, by the name of their input. */
export type ChosenFiles = [name: string, files: FileList][];

/** `address` is the one after redirects. `chosenFiles` go back into the form: a browser never fills file inputs itself. */
export function showPage(page: Document, address: string, chosenFiles: ChosenFiles): void {
  document.title = page.title;
  replaceBody(page);
  for (const [name, files] of chosenFiles) putBackFiles(name, files);
  if (address && address !== location.href) {
    history.pushState({}, "", address);
    window.addEventListener("popstate", () => location.reload(), { once: true }); // the page before is gone from memory
  }
  htmx.process(document.body);
  mountIslands(document.body);
  startLive();
  moveFocus();
}

function replaceBody(page: Document): void {
  for (const name of document.body.getAttributeNames()) document.body.removeAttribute(name);
  for (const { name, value } of page.body.attributes) document.body.setAttribute(name, value);
  document.body.replaceChildren(...[...page.body.childNodes].map((node) => document.adoptNode(node)));
}

function putBackFiles(name: string, files: FileList): void {
  const input = document.querySelector<HTMLInputElement>(`input[type=file][name="${CSS.escape(name)}"]`);
  if (input) input.files = files;
}

/** To what was wrong with the form, else to the beginning, as if the browser had loaded the page. */
function moveFocus(): void {
  const errorSummary = document.getElementById("masalah");
  if (errorSummary) return errorSummary.focus();
  scrollTo(0, 0);
  document.querySelector<HTMLElement>("main")?.focus({ preventScroll: true });
}
