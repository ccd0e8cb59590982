// Pages that open without a network: each with its files in a cache of its own. Network first; the cache when it fails.

const PREFIX = "qlue-page:";
const PATIENCE_MS = 6_000; // then a kept page is shown, though the network may still answer
const PAGES = [/^\/[\w-]+\/(kerja\/lapangan|lapor)\/$/]; // addresses that may be kept
const FILES = /^\/(static|rupa)\/|\/foto\//;

export function isOurs(request: Request): boolean {
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return false;
  return request.mode === "navigate" ? PAGES.some((page) => page.test(pathname)) : FILES.test(pathname);
}

export function answer(request: Request): Promise<Response> {
  return request.mode === "navigate" ? page(request) : file(request);
}

async function file(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request);
}

async function page(request: Request): Promise<Response> {
  const fresh = fetch(request).then(kept);
  const known = await caches.match(request, { ignoreSearch: true });
  if (!known) return fresh;
  const late = new Promise<Response>((done) => setTimeout(() => done(known), PATIENCE_MS));
  const whole = fresh.then((one) => (one.status < 500 ? one : known)).catch(() => known);
  return Promise.race([whole, late]);
}

/** The newest answer takes the kept one's place; a way to the sign-in page does not. */
async function kept(response: Response): Promise<Response> {
  const { pathname } = new URL(response.url);
  if (response.status === 200 && !response.redirected) {
    const cache = await caches.open(PREFIX + pathname);
    await cache.put(pathname, response.clone());
  }
  return response;
}

/** Keeps a page with the files that it uses, and lets go of those that it used before. */
export async function keepPage(address: string, files: string[]): Promise<void> {
  const cache = await caches.open(PREFIX + address);
  const wanted = new Set([address, ...files].map((one) => new URL(one, location.origin).href));
  for (const old of await cache.keys()) if (!wanted.has(old.url)) await cache.delete(old);
  for (const one of wanted) {
    const known = one.endsWith(address) ? undefined : await cache.match(one);
    if (!known) await cache.add(one).catch(() => undefined); // one photo that fails costs only itself
  }
}

/** Somebody else sits here now: what was kept for the last person goes. Letters stay; they carry their person. */
export async function forget(): Promise<void> {
  for (const name of await caches.keys()) if (name.startsWith(PREFIX)) await caches.delete(name);
}
