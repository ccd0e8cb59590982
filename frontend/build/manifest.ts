// assets.json: the names that templates use, and the hashed files behind them. Also .gz and .br beside each file.
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin, Rolldown } from "vite";
import { usedIcons } from "./icons.ts";

type Bundle = Rolldown.OutputBundle;

export function assetManifest(root: string): Plugin {
  return {
    name: "qlue-manifest",
    writeBundle(options, bundle) {
      const folder = options.dir ?? "";
      for (const file of Object.keys(bundle)) compress(resolve(folder, file));
      const table = { ...named(bundle), islands: islands(bundle), icons: usedIcons(root) };
      writeFileSync(resolve(folder, "assets.json"), `${JSON.stringify(table, null, 1)}\n`);
    },
  };
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

function compress(path: string): void {
  if (/\.(woff2|png|jpg)$/.test(path)) return;
  const bytes = readFileSync(path);
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }));
}
