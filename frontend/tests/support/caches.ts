/** CacheStorage as service workers have it, in memory. */
export class MemoryCaches {
  private readonly caches = new Map<string, MemoryCache>();

  open(name: string): Promise<MemoryCache> {
    const cache = this.caches.get(name) ?? new MemoryCache();
    this.caches.set(name, cache);
    return Promise.resolve(cache);
  }

  keys(): Promise<string[]> {
    return Promise.resolve([...this.caches.keys()]);
  }

  delete(name: string): Promise<boolean> {
    return Promise.resolve(this.caches.delete(name));
  }

  async match(request: Request, options: { ignoreSearch?: boolean } = {}): Promise<Response | undefined> {
    for (const cache of this.caches.values()) {
      const response = await cache.match(request.url, options);
      if (response) return response;
    }
    return undefined;
  }
}

class MemoryCache {
  private readonly responses = new Map<string, Response>();

  put(path: string, response: Response): Promise<void> {
    this.responses.set(absolute(path), response);
    return Promise.resolve();
  }

  async add(url: string): Promise<void> {
    const response = await fetch(url);
    if (!response.ok) throw new TypeError(url);
    await this.put(url, response);
  }

  keys(): Promise<{ url: string }[]> {
    return Promise.resolve([...this.responses.keys()].map((url) => ({ url })));
  }

  delete({ url }: { url: string }): Promise<boolean> {
    return Promise.resolve(this.responses.delete(url));
  }

  match(path: string, options: { ignoreSearch?: boolean } = {}): Promise<Response | undefined> {
    const url = absolute(path);
    return Promise.resolve(this.responses.get(options.ignoreSearch ? (url.split("?")[0] ?? url) : url)?.clone());
  }
}

function absolute(path: string): string {
  return new URL(path, location.origin).href;
}
