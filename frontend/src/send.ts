// Sends a form with progress, and keeps it whole when the network or the server fails.
import { createElement, statusLine } from "./dom";
import { type ChosenFiles, showPage } from "./page";
import { toast } from "./toast";
import { translate } from "./translate";

const TIMEOUT_MS = 180_000; // five photos over a slow line

/** Takes over a form's submit. By XHR, because `fetch` reports no progress of an upload. */
export function sendForm(form: HTMLFormElement, event: SubmitEvent): void {
  event.preventDefault();
  if (form.dataset["busy"]) return; // pressed twice
  if (!navigator.onLine) return onOffline(form, event.submitter);
  const progress = showProgress(form);
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.timeout = TIMEOUT_MS;
  request.upload.addEventListener("progress", ({ loaded, total }) => progress.update(loaded / Math.max(1, total)));
  request.addEventListener("load", () => onAnswer(form, request));
  for (const name of ["error", "timeout"]) request.addEventListener(name, () => onOffline(form, event.submitter));
  request.addEventListener("loadend", () => progress.remove());
  request.send(new FormData(form, event.submitter));
}

/** Without a network: forms with `data-later` wait in the outbox, the others stay as they are. */
function onOffline(form: HTMLFormElement, submitter: HTMLElement | null): void {
  const showOffline = () => toast(translate("offline"), "error");
  if (!form.dataset["later"]) return showOffline();
  void import("./outbox/offline").then(({ queueOffline }) => queueOffline(form, submitter)).catch(showOffline);
}

function onAnswer(form: HTMLFormElement, request: XMLHttpRequest): void {
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  const isSuccess = request.status < 400;
  if (isSuccess && !page.getElementById("masalah")) {
    form.dispatchEvent(new Event("qlue:acknowledged"));
    form.dispatchEvent(new Event("qlue:answered"));
  }
  const key = form.dataset["draft"] ?? "";
  const sameForm = page.querySelector(`form[data-draft="${CSS.escape(key)}"]`);
  // an error page without the form must not take the place of what was typed
  if (isSuccess || sameForm) return showPage(page, request.responseURL, sameForm ? filesToPutBack(form, page) : []);
  toast(errorWords(page) || translate(request.status === 429 ? "busy" : "failed"), "error");
}

/** What an error page of ours says. */
function errorWords(page: Document): string {
  return [...page.querySelectorAll(".problem h1, .problem .lead")].map((part) => part.textContent?.trim()).join(". ");
}

function filesToPutBack(form: HTMLFormElement, page: Document): ChosenFiles {
  if (page.querySelector<HTMLInputElement>('input[name="kept"]')?.value) return []; // the server has them already
  const inputs = [...form.querySelectorAll<HTMLInputElement>("input[type=file][name]")];
  return inputs.flatMap((input) => (input.files?.length ? [[input.name, input.files] as [string, FileList]] : []));
}

interface Progress {
  /** `share`: how much has left, 0 to 1. */
  update(share: number): void;
  remove(): void;
}

function showProgress(form: HTMLFormElement): Progress {
  const bar = createElement("progress", { class: "sending", max: "1" });
  const line = statusLine();
  const button = form.querySelector<HTMLButtonElement>("button[type=submit], button:not([type])");
  button?.after(bar, line);
  button?.setAttribute("aria-disabled", "true");
  form.dataset["busy"] = "1";
  return {
    update(share) {
      bar.value = share;
      line.textContent = share < 1 ? translate("sending", { percent: Math.floor(100 * share) }) : translate("sent");
    },
    remove() {
      bar.remove();
      line.remove();
      button?.removeAttribute("aria-disabled");
      delete form.dataset["busy"];
    },
  };
}
