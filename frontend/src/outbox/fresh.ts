// Ids that nobody has used. A page from the cache, or one that was gone back to, carries a uuid that may have been.

export function freshId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

export function freshen(form: HTMLFormElement): void {
  const uuid = form.querySelector<HTMLInputElement>('input[name="uuid"]');
  if (uuid) uuid.value = freshId();
}
