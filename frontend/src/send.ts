// Sends a form with progress, and keeps it whole when the network or the server fails.
import { make } from "./dom";
import { htmx } from "./hypertext";
import { startLive } from "./islands/live";
import { say } from "./say";
import { toast } from "./toast";
import { wake } from "./wake";

const PATIENCE_MS = 180_000; // five photos over a slow line

/** Takes over a form's submit; a plain submit is left alone where XHR cannot do better. */
export function sendForm(form: HTMLFormElement, event: SubmitEvent): void {
  event.preventDefault();
  if (form.dataset["busy"]) return;
  if (!navigator.onLine) return cut(form, event.submitter);
  const progress = showProgress(form);
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.timeout = PATIENCE_MS;
  request.upload.addEventListener("progress", (step) => progress.at(step.loaded / Math.max(1, step.total)));
  request.addEventListener("load", () => answered(form, request));
  for (const name of ["error", "timeout"]) request.addEventListener(name, () => cut(form, event.submitter));
  request.addEventListener("loadend", () => progress.end());
  request.send(new FormData(form, event.submitter));
}

/** Without a network: some forms wait in the outbox, the others stay as they are. */
function cut(form: HTMLFormElement, submitter: HTMLElement | null): void {
  if (!form.dataset["later"]) return toast(say("offline"), "error");
  void import("./outbox/later").then(({ later }) => later(form, submitter)).catch(() => toast(say("offline"), "error"));
}

function answered(form: HTMLFormElement, request: XMLHttpRequest): void {
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  const key = form.dataset["draft"] ?? "";
  if (request.status < 400 && !page.getElementById("masalah")) {
    form.dispatchEvent(new Event("qlue:acknowledged"));
    form.dispatchEvent(new Event("qlue:answered"));
  }
  const sameForm = page.querySelector(`form[data-draft="${CSS.escape(key)}"]`);
  if (request.status < 400 || sameForm) return show(page, request.responseURL, sameForm ? files(form, page) : []);
  toast(wordsOf(page) || say(request.status === 429 ? "busy" : "failed"), "error");
}

function wordsOf(page: Document): string {
  return [...page.querySelectorAll(".problem h1, .problem .lead")].map((part) => part.textContent?.trim()).join(". ");
}

function files(form: HTMLFormElement, page: Document): [string, FileList][] {
  if (page.querySelector<HTMLInputElement>('input[name="kept"]')?.value) return []; // the server has them already
  const inputs = [...form.querySelectorAll<HTMLInputElement>("input[type=file][name]")];
  return inputs.flatMap((input) => (input.files?.length ? [[input.name, input.files] as [string, FileList]] : []));
}

/** Shows an answered page in place. Chosen photos go back into a form that was sent back. */
function show(page: Document, address: string, kept: [string, FileList][]): void {
  document.title = page.title;
  for (const name of document.body.getAttributeNames()) document.body.removeAttribute(name);
  for (const { name, value } of page.body.attributes) document.body.setAttribute(name, value);
  document.body.replaceChildren(...[...page.body.childNodes].map((node) => document.adoptNode(node)));
  for (const [name, list] of kept) putBack(name, list);
  if (address && address !== location.href) {
    history.pushState({}, "", address);
    window.addEventListener("popstate", () => location.reload(), { once: true });
  }
  htmx.process(document.body);
  wake(document.body);
  startLive();
  const problems = document.getElementById("masalah");
  if (problems) return problems.focus();
  scrollTo(0, 0);
  document.querySelector<HTMLElement>("main")?.focus({ preventScroll: true });
}

function putBack(name: string, list: FileList): void {
  const input = document.querySelector<HTMLInputElement>(`input[type=file][name="${CSS.escape(name)}"]`);
  if (input) input.files = list;
}

interface Progress {
  at(share: number): void;
  end(): void;
}

function showProgress(form: HTMLFormElement): Progress {
  const bar = make("progress", { class: "sending", max: "1" });
  const words = make("p", { class: "say", role: "status" });
  const button = form.querySelector<HTMLButtonElement>("button[type=submit], button:not([type])");
  button?.after(bar, words);
  button?.setAttribute("aria-disabled", "true");
  form.dataset["busy"] = "1";
  return {
    at(share) {
      bar.value = share;
      words.textContent = share < 1 ? say("sending", { percent: Math.floor(100 * share) }) : say("sent");
    },
    end() {
      bar.remove();
      words.remove();
      button?.removeAttribute("aria-disabled");
      delete form.dataset["busy"];
    },
  };
}
