// Words come from the page (qlue/web/words.py), so that gettext stays their only place.

let words: Record<string, string> | undefined;

/** The words for a key in the page's language, `{x}` filled in. */
export function say(key: string, values: Record<string, string | number> = {}): string {
  words ??= { ...read("words"), ...read("page-words") };
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** A whole number with the language's thousands mark. */
export function counted(n: number): string {
  return n.toLocaleString(document.documentElement.lang || "id");
}

function read(id: string): Record<string, string> {
  try {
    return JSON.parse(document.getElementById(id)?.textContent ?? "{}") as Record<string, string>;
  } catch {
    return {};
  }
}
