// htmx, set up for our content security policy, and its errors in words.
import htmx from "htmx.org";
import { say } from "./say";
import { toast } from "./toast";

interface ConfigEvent extends Event {
  detail: { headers: Record<string, string>; verb: string };
}

interface ErrorEvent extends Event {
  detail: { xhr?: XMLHttpRequest; target?: Element };
}

export function setUp(): void {
  Object.assign(htmx.config, {
    allowEval: false,
    allowScriptTags: false,
    includeIndicatorStyles: false,
    selfRequestsOnly: true,
    historyCacheSize: 0,
    scrollIntoViewOnBoost: false,
    attributesToSettle: ["class", "width", "height"], // "style" is forbidden by the policy
    timeout: 20_000,
    responseHandling: [
      { code: "204", swap: false },
      { code: "[23]..", swap: true },
      { code: "422", swap: true },
      { code: "[45]..", swap: false, error: true },
    ],
  });
  document.addEventListener("htmx:configRequest", (event) => addToken(event as ConfigEvent));
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, (event) => complain(event as ErrorEvent));
  }
}

/** Django's CSRF token, for requests that change something. */
function addToken(event: ConfigEvent): void {
  if (event.detail.verb === "get") return;
  const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
  if (token) event.detail.headers["X-CSRFToken"] = decodeURIComponent(token);
}

/** What asks by itself stays as it is; a person who pressed something hears about it. */
function complain(event: ErrorEvent): void {
  if (event.detail.target instanceof Element && event.detail.target.matches("[data-live], [data-quiet]")) return;
  toast(say(wordFor(event.detail.xhr?.status ?? 0)), "error");
}

function wordFor(status: number): string {
  if (status === 0) return "offline";
  return status === 429 ? "busy" : "failed";
}

export { htmx };
