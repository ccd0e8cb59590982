// @vitest-environment node
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { cachePage, deletePages, handlesRequest, respond } from "../src/worker/pages";
import { MemoryCaches } from "./support/caches";

const ORIGIN = "https://qlue.example";
const FORM_PAGE = "/makassar/lapor/";
let network: (path: string) => Promise<Response>;
let fetched: string[];

beforeEach(() => {
  fetched = [];
  network = (path) => Promise.resolve(new Response(`network ${path}`));
  vi.stubGlobal("location", new URL(ORIGIN));
  vi.stubGlobal("caches", new MemoryCaches());
  vi.stubGlobal("fetch", async (input: string | Request) => {
    const url = new URL(typeof input === "string" ? input : input.url);
    fetched.push(url.pathname);
    const response = await network(url.pathname);
    return response.url ? response : withUrl(response, url.href);
  });
});

afterEach(() => vi.useRealTimers());

function withUrl(response: Response, url: string, redirected = false): Response {
  return Object.defineProperties(response, { url: { value: url }, redirected: { value: redirected } });
}

function visit(path: string): Request {
  return Object.defineProperty(new Request(ORIGIN + path), "mode", { value: "navigate" });
}

async function open(path: string): Promise<string> {
  return (await respond(visit(path))).text();
}

describe("the service worker answers", () => {
  it.each([
    [visit(FORM_PAGE), true],
    [visit("/makassar/kerja/lapangan/"), true],
    [visit("/makassar/laporan/"), false],
    [visit("/makassar/lapor/bansos/"), false],
    [new Request(`${ORIGIN}/static/built/public-1.js`), true],
    [new Request(`${ORIGIN}/makassar/foto/1/kecil.jpg`), true],
    [new Request(`${ORIGIN}/outbox.json`), false],
    [new Request(ORIGIN + FORM_PAGE, { method: "POST" }), false],
    [new Request("https://elsewhere.example/static/a.js"), false],
  ])("only pages and files that may be cached: %#", (request, isHandled) => {
    expect(handlesRequest(request)).toBe(isHandled);
  });
});

describe("a cached page", () => {
  beforeEach(() => cachePage(FORM_PAGE, ["/static/built/public-1.js"]));

  it("is shown without a network, with its files and whatever stands behind the question mark", async () => {
    network = () => Promise.reject(new TypeError("fetch failed"));
    expect(await open(`${FORM_PAGE}?dari=peta`)).toBe(`network ${FORM_PAGE}`);
    const file = await respond(new Request(`${ORIGIN}/static/built/public-1.js`));
    expect(await file.text()).toBe("network /static/built/public-1.js");
  });

  it("gives way to the network's, which takes its place", async () => {
    network = () => Promise.resolve(new Response("newer"));
    expect(await open(FORM_PAGE)).toBe("newer");
    network = () => Promise.reject(new TypeError("fetch failed"));
    expect(await open(FORM_PAGE)).toBe("newer");
  });

  it("is better than an error of the server, but not than a refusal", async () => {
    network = () => Promise.resolve(new Response("down", { status: 502 }));
    expect(await open(FORM_PAGE)).toBe(`network ${FORM_PAGE}`);
    network = () => Promise.resolve(new Response("forbidden", { status: 403 }));
    expect(await open(FORM_PAGE)).toBe("forbidden");
  });

  it("is shown after six seconds of a network that does not answer", async () => {
    vi.useFakeTimers();
    network = () => new Promise(() => undefined);
    const page = open(FORM_PAGE);
    await vi.advanceTimersByTimeAsync(6_000);
    expect(await page).toBe(`network ${FORM_PAGE}`);
  });

  it("is not replaced by the sign-in page", async () => {
    network = () => Promise.resolve(withUrl(new Response("sign in"), `${ORIGIN}/akun/masuk/`, true));
    expect(await open(FORM_PAGE)).toBe("sign in");
    expect(await caches.keys()).toEqual([`qlue-page:${FORM_PAGE}`]); // nor is that one cached
    network = () => Promise.reject(new TypeError("fetch failed"));
    expect(await open(FORM_PAGE)).toBe(`network ${FORM_PAGE}`);
  });

  it("is gone when another person signs in", async () => {
    await deletePages();
    network = () => Promise.reject(new TypeError("fetch failed"));
    await expect(open(FORM_PAGE)).rejects.toThrow("fetch failed");
  });
});

describe("caching a page again", () => {
  it("fetches the page itself and new files, and drops those that it uses no more", async () => {
    await cachePage(FORM_PAGE, ["/static/old.js", "/static/same.js"]);
    fetched = [];
    await cachePage(FORM_PAGE, ["/static/same.js", "/static/new.js"]);
    expect(fetched).toEqual([FORM_PAGE, "/static/new.js"]);
    const cache = await caches.open(`qlue-page:${FORM_PAGE}`);
    const paths = (await cache.keys()).map(({ url }) => new URL(url).pathname);
    expect(paths.sort()).toEqual([FORM_PAGE, "/static/new.js", "/static/same.js"]);
  });

  it("does without a file that fails", async () => {
    network = (path) => Promise.resolve(new Response(path, { status: path.includes("foto") ? 404 : 200 }));
    await cachePage(FORM_PAGE, ["/makassar/foto/1/kecil.jpg", "/static/a.js"]);
    const cache = await caches.open(`qlue-page:${FORM_PAGE}`);
    expect(await cache.keys()).toHaveLength(2);
  });
});
