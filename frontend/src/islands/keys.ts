// data-keys: a digit presses the button that carries it, unless somebody is typing; with Alt also while typing.

export function mount(element: HTMLElement): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.repeat || !element.isConnected) return;
    if (isTyping(event.target) && !event.altKey) return;
    // by the key's place: on some layouts digits need Shift
    const digit = event.code.replace(/^(Digit|Numpad)/, "");
    const button = element.querySelector<HTMLElement>(`[data-key="${CSS.escape(digit)}"]`);
    if (!button) return;
    event.preventDefault();
    button.click();
  });
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input:not([type=checkbox]), textarea, select");
}
