import { readdirSync } from "node:fs";
import { join } from "node:path";

const SKIPPED = new Set(["tests", "migrations", "static", "node_modules", "__pycache__"]);

/** Every file that may name an icon or a class: all rooms' templates and Python, and the scripts here. */
export function outsideFiles(root: string): string[] {
  return [...filesUnder(join(root, "qlue"), /\.(html|py|txt)$/), ...filesUnder(join(root, "frontend/src"), /\.ts$/)];
}

/** Paths under a folder whose name fits, sorted; [] when there is no such folder. */
export function filesUnder(folder: string, fits: RegExp): string[] {
  const found: string[] = [];
  for (const entry of entries(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...(SKIPPED.has(entry.name) ? [] : filesUnder(path, fits)));
    else if (fits.test(entry.name)) found.push(path);
  }
  return found.sort();
}

function entries(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
