// Pages that open without a network: each with its files in a cache of its own. Network first; the cache when it fails.

const CACHE_PREFIX = "qlue-page:"; // caches on phones have this name: it stays
const NETWORK_TIMEOUT_MS = 6_000; // then a cached page is shown, though the network may still answer
const PAGES = [/^\/[\w-]+\/(kerja\/lapangan|lapor)\/$/]; // addresses that may be cached
const FILES = /^\/(static|rupa)\/|\/foto\//;

/** All other requests go to the network as if there were no service worker. */
export function handlesRequest(request: Request): boolean {
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return false;
  return request.mode === "navigate" ? PAGES.some((page) => page.test(pathname)) : FILES.test(pathname);
}

export function respond(request: Request): Promise<Response> {
  return request.mode === "navigate" ? respondWithPage(request) : respondWithFile(request);
}

/** Cache first: a built file has a hash in its name, and a photo never changes. */
async function respondWithFile(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request);
}

async function respondWithPage(request: Request): Promise<Response> {
  const network = fetch(request).then(updateCache);
  const cached = await caches.match(request, { ignoreSearch: true });
  if (!cached) return network;
  const timeout = new Promise<Response>((resolve) => setTimeout(() => resolve(cached), NETWORK_TIMEOUT_MS));
  const networkOrCached = network.then((response) => (response.status < 500 ? response : cached)).catch(() => cached);
  return Promise.race([networkOrCached, timeout]);
}

/** The newest answer takes the cached one's place; a redirect to the sign-in page does not. */
async function updateCache(response: Response): Promise<Response> {
  const { pathname } = new URL(response.url);
  if (response.status === 200 && !response.redirected) {
    const cache = await caches.open(CACHE_PREFIX + pathname);
    await cache.put(pathname, response.clone());
  }
  return response;
}

/** Caches a page with the files that it uses, and deletes those that it used before. */
export async function cachePage(address: string, files: string[]): Promise<void> {
  const cache = await caches.open(CACHE_PREFIX + address);
  const urls = new Set([address, ...files].map((path) => new URL(path, location.origin).href));
  for (const entry of await cache.keys()) if (!urls.has(entry.url)) await cache.delete(entry);
  for (const url of urls) {
    const cached = url.endsWith(address) ? undefined : await cache.match(url); // the page itself is always fetched anew
    if (!cached) await cache.add(url).catch(() => undefined); // one photo that fails costs only itself
  }
}

/** Another person uses this device now: the pages of the last one go. Queued requests stay; they carry their person. */
export async function deletePages(): Promise<void> {
  for (const name of await caches.keys()) if (name.startsWith(CACHE_PREFIX)) await caches.delete(name);
}
