import { readdirSync } from "node:fs";
import { join } from "node:path";

const SKIPPED_FOLDERS = new Set(["tests", "migrations", "static", "node_modules", "__pycache__"]);

/** Every file that may name an icon or a class: all rooms' templates and Python, and the scripts here. */
export function namingFiles(root: string): string[] {
  return [...filesUnder(join(root, "qlue"), /\.(html|py|txt)$/), ...filesUnder(join(root, "frontend/src"), /\.ts$/)];
}

/** Paths under a folder whose file name matches, sorted; [] when there is no such folder. */
export function filesUnder(folder: string, pattern: RegExp): string[] {
  const paths: string[] = [];
  for (const entry of entries(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) paths.push(...(SKIPPED_FOLDERS.has(entry.name) ? [] : filesUnder(path, pattern)));
    else if (pattern.test(entry.name)) paths.push(path);
  }
  return paths.sort(); // the same order on each machine, and so the same hashes
}

function entries(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
