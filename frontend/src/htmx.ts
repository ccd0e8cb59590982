// htmx, set up for our content security policy, and its errors in words.
import htmx from "htmx.org";
import { toast } from "./toast";
import { translate } from "./translate";

interface ConfigRequestEvent extends Event {
  detail: { headers: Record<string, string>; verb: string };
}

interface RequestErrorEvent extends Event {
  detail: { xhr?: XMLHttpRequest; target?: Element };
}

export function setUpHtmx(): void {
  Object.assign(htmx.config, {
    allowEval: false,
    allowScriptTags: false,
    includeIndicatorStyles: false,
    selfRequestsOnly: true,
    historyCacheSize: 0, // no copies of pages in the browser's storage, for the next person at a shared computer
    scrollIntoViewOnBoost: false,
    attributesToSettle: ["class", "width", "height"], // "style" is forbidden by the policy
    timeout: 20_000,
    responseHandling: [
      { code: "204", swap: false },
      { code: "[23]..", swap: true },
      { code: "422", swap: true }, // a form with its errors
      { code: "[45]..", swap: false, error: true },
    ],
  });
  document.addEventListener("htmx:configRequest", (event) => addCsrfToken(event as ConfigRequestEvent));
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, (event) => showError(event as RequestErrorEvent));
  }
}

/** Django's CSRF token, for requests that change something. */
function addCsrfToken(event: ConfigRequestEvent): void {
  if (event.detail.verb === "get") return;
  const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
  if (token) event.detail.headers["X-CSRFToken"] = decodeURIComponent(token);
}

/** A part that refreshes by itself stays as it is; a person who pressed something is told. */
function showError(event: RequestErrorEvent): void {
  if (event.detail.target instanceof Element && event.detail.target.matches("[data-live], [data-quiet]")) return;
  toast(translate(messageKey(event.detail.xhr?.status ?? 0)), "error");
}

/** Status 0 is XHR's way to say that no answer came at all. */
function messageKey(status: number): string {
  if (status === 0) return "offline";
  return status === 429 ? "busy" : "failed";
}

export { htmx };
