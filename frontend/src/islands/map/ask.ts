/** JSON that is surely not older than this moment (the ETag may still spare the body). */
export async function fresh<T>(url: string, signal?: AbortSignal): Promise<T> {
  const answer = await fetch(url, { cache: "no-cache", ...(signal ? { signal } : {}) });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return (await answer.json()) as T;
}
