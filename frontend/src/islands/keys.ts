// data-keys: a digit presses the button that carries it, unless somebody is typing; with Alt also while typing.

export function start(element: HTMLElement): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.repeat || !element.isConnected) return;
    if (isTyping(event.target) && !event.altKey) return;
    const found = element.querySelector<HTMLElement>(`[data-key="${CSS.escape(event.code.replace(/^(Digit|Numpad)/, ""))}"]`);
    if (!found) return;
    event.preventDefault();
    found.click();
  });
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input:not([type=checkbox]), textarea, select");
}
