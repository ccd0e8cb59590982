// Hands a finished build over to a site that may be running: new files first, then assets.json (the names that templates
// use, and the hashed files behind them) in one step. Files of earlier builds stay a day for pages that name them.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin, Rolldown } from "vite";
import { usedIcons } from "./icons.ts";

type Bundle = Rolldown.OutputBundle;

const KEPT_MS = 24 * 3_600_000;

export function handOver(root: string, folder: string): Plugin {
  return {
    name: "qlue-hand-over",
    writeBundle({ dir = "" }, bundle) {
      mkdirSync(folder, { recursive: true });
      for (const file of Object.keys(bundle)) copy(join(dir, file), join(folder, file));
      const table = { ...named(bundle), islands: islands(bundle), icons: usedIcons(root) };
      writeFileSync(join(folder, "assets.json.new"), `${JSON.stringify(table, null, 1)}\n`);
      renameSync(join(folder, "assets.json.new"), join(folder, "assets.json"));
      prune(folder, new Set(Object.keys(bundle)));
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A hashed name that is there already has the same content. `.gz` and `.br` lie beside for the web server. */
function copy(from: string, to: string): void {
  if (existsSync(to)) return;
  const bytes = readFileSync(from);
  if (!/\.(woff2|png|jpg)$/.test(from)) {
    writeFileSync(`${to}.gz`, gzipSync(bytes, { level: 9 }));
    writeFileSync(`${to}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }));
  }
  copyFileSync(from, to);
}

function prune(folder: string, current: Set<string>): void {
  for (const file of readdirSync(folder)) {
    const path = join(folder, file);
    const named = current.has(file.replace(/\.(gz|br)$/, "")) || file.startsWith("assets.json");
    if (!named && Date.now() - statSync(path).mtimeMs > KEPT_MS) rmSync(path);
  }
}

function named(bundle: Bundle): Record<string, string> {
  const table: Record<string, string> = {};
  for (const part of Object.values(bundle)) {
    if (part.type === "chunk" && part.isEntry && part.facadeModuleId?.endsWith(".ts")) table[`${part.name}.js`] = part.fileName;
    if (part.type === "asset") for (const name of part.names) table[plain(name)] = part.fileName;
  }
  return table;
}

/** Short names for templates: styles by their sheet, the typeface without its package. */
function plain(name: string): string {
  return name.endsWith("latin-wght-normal.woff2") ? "font.woff2" : name.replace("-style.css", ".css");
}

/** Script files that each island pulls in, itself first. */
function islands(bundle: Bundle): Record<string, string[]> {
  const table: Record<string, string[]> = {};
  for (const part of Object.values(bundle)) {
    if (part.type !== "chunk" || !part.isDynamicEntry) continue;
    table[part.name] = [part.fileName, ...part.imports.filter((file) => !isEntry(bundle, file))];
  }
  return table;
}

function isEntry(bundle: Bundle, file: string): boolean {
  const part = bundle[file];
  return part?.type === "chunk" && part.isEntry;
}
