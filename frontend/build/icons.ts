// One SVG sprite of the icons that pages really use.
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Plugin } from "vite";
import { filesUnder, namingFiles } from "./files.ts";

const OUTLINE = resolve(import.meta.dirname, "../node_modules/@tabler/icons/icons/outline");
const QUOTED = /["']([a-z][a-z0-9-]*)["']/g;

export function iconSprite(root: string): Plugin {
  let names: string[] = [];
  return {
    name: "qlue-icons",
    buildStart() {
      names = usedIcons(root);
      for (const file of iconSources(root)) this.addWatchFile(file);
    },
    generateBundle() {
      this.emitFile({ type: "asset", name: "sprite.svg", source: sprite(names) });
    },
  };
}

/** Names of all icons that templates, Python files, packs and icons.txt mention, sorted. */
export function usedIcons(root: string): string[] {
  const icons = new Set<string>();
  for (const file of iconSources(root)) {
    for (const name of namesIn(file, readFileSync(file, "utf8"))) {
      if (existsSync(`${OUTLINE}/${name}.svg`)) icons.add(name);
    }
  }
  return [...icons].sort();
}

/** Categories name their icons in packs; icons.txt has what no file names in quotes. */
function iconSources(root: string): string[] {
  const packs = [`${root}/packs`, `${root}/qlue`].flatMap((folder) => filesUnder(folder, /^categories\.csv$/));
  return [...namingFiles(root), ...packs, resolve(import.meta.dirname, "../icons.txt")];
}

/** Words that may be icons. Python files only where they speak of icons, or "table" and "list" would come along. */
function namesIn(file: string, text: string): string[] {
  if (file.endsWith(".txt")) return text.split("\n").map((line) => line.trim());
  if (file.endsWith(".csv")) return iconColumn(text);
  if (file.endsWith(".py") && !/icon|sign/.test(text)) return [];
  return [...text.matchAll(QUOTED)].map((match) => match[1] ?? "");
}

function iconColumn(csv: string): string[] {
  const [head = "", ...rows] = csv.split(/\r?\n/);
  const column = head.split(",").indexOf("icon");
  return column < 0 ? [] : rows.map((row) => row.split(",")[column]?.trim() ?? "");
}

function sprite(names: string[]): string {
  const symbols = names.map((name) => `<symbol id="${name}" viewBox="0 0 24 24">${shapes(name)}</symbol>`);
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`;
}

/** What stands inside of the icon's <svg>, without the invisible box that Tabler draws around each. */
function shapes(name: string): string {
  const svg = readFileSync(`${OUTLINE}/${name}.svg`, "utf8");
  const inner = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
  return inner.replace(/<path stroke="none"[^>]*\/>/, "").replace(/\s*\n\s*/g, "").replace(/ \/>/g, "/>");
}
