// A page from a cache, or one that was gone back to, carries a uuid that may have been used; forms get a new one here.

/** A random uuid (version 4). `crypto.randomUUID` exists only in secure contexts, and a local network may have no TLS. */
export function newUuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40; // version 4
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80; // RFC 9562's variant
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** The server takes a repeated uuid for the same submission, so what is written anew needs a new one. */
export function renewUuid(form: HTMLFormElement): void {
  const input = form.querySelector<HTMLInputElement>('input[name="uuid"]');
  if (input) input.value = newUuid();
}
