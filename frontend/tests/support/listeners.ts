type Recorded = [target: EventTarget, type: string, listener: EventListenerOrEventListenerObject];

/** Records listeners on document and window, so that a module that is loaded anew for each test leaves none behind. */
export function recordListeners(): () => void {
  const listeners: Recorded[] = [];
  const targets: EventTarget[] = [document, window];
  const originals = targets.map((target) => target.addEventListener);
  targets.forEach((target, i) => {
    target.addEventListener = (...[type, listener, options]: Parameters<EventTarget["addEventListener"]>) => {
      if (listener) listeners.push([target, type, listener]);
      originals[i]?.call(target, type, listener, options);
    };
  });
  return () => {
    for (const [target, type, listener] of listeners) target.removeEventListener(type, listener);
    targets.forEach((target, i) => Object.assign(target, { addEventListener: originals[i] }));
  };
}
