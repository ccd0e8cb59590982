/** Menus made of <details> close on Escape and on a click elsewhere. */
export function closeMenus(): void {
  document.addEventListener("click", (event) => {
    for (const menu of open()) if (!menu.contains(event.target as Node)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    }
  });
}

/** The row of desks is wider than a phone: the one that is open stands in sight. */
export function showDesk(): void {
  const current = document.querySelector<HTMLElement>(".desk[aria-current]");
  const row = current?.closest<HTMLElement>(".desks");
  if (current && row) row.scrollLeft = current.offsetLeft - (row.clientWidth - current.offsetWidth) / 2;
}

function open(): NodeListOf<HTMLDetailsElement> {
  return document.querySelectorAll("details.account[open]");
}
