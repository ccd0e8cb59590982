// Words come from the page (qlue/web/presentation/script_messages.py), so that gettext stays their only place.

let messages: Record<string, string> | undefined;

/** The words for a key in the page's language, `{x}` filled in. */
export function translate(key: string, values: Record<string, string | number> = {}): string {
  messages ??= { ...readMessages("words"), ...readMessages("page-words") };
  return (messages[key] ?? key).replace(/\{(\w+)\}/g, (placeholder, name: string) => String(values[name] ?? placeholder));
}

/** A whole number with the language's thousands mark. */
export function formatCount(count: number): string {
  return count.toLocaleString(document.documentElement.lang || "id");
}

function readMessages(id: string): Record<string, string> {
  try {
    return JSON.parse(document.getElementById(id)?.textContent ?? "{}") as Record<string, string>;
  } catch {
    return {}; // a page without them shows the keys, and still works
  }
}
