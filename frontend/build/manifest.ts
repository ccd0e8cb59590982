// Publishes a finished build for a site that may be running: new files first, then assets.json (the names that templates
// use, and the hashed files behind them) in one step. Files of earlier builds stay a day for pages that name them.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin, Rolldown } from "vite";
import { usedIcons } from "./icons.ts";

type Bundle = Rolldown.OutputBundle;

const KEEP_OLD_MS = 24 * 3_600_000;
const COMPRESSED = /\.(woff2|png|jpg)$/;

export function publishBuild(root: string, folder: string): Plugin {
  return {
    name: "qlue-publish-build",
    writeBundle({ dir = "" }, bundle) {
      mkdirSync(folder, { recursive: true });
      for (const file of Object.keys(bundle)) copyWithCompressed(join(dir, file), join(folder, file));
      const manifest = { ...fileNames(bundle), islands: islandFiles(bundle), icons: usedIcons(root) };
      writeFileSync(join(folder, "assets.json.new"), `${JSON.stringify(manifest, null, 1)}\n`);
      renameSync(join(folder, "assets.json.new"), join(folder, "assets.json"));
      removeOldFiles(folder, new Set(Object.keys(bundle)));
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A hashed name that is there already has the same content. `.gz` and `.br` lie beside for the web server. */
function copyWithCompressed(source: string, target: string): void {
  if (existsSync(target)) return;
  const bytes = readFileSync(source);
  if (!COMPRESSED.test(source)) {
    writeFileSync(`${target}.gz`, gzipSync(bytes, { level: 9 }));
    writeFileSync(`${target}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }));
  }
  copyFileSync(source, target); // last, so that a build that was interrupted leaves no file without its companions
}

function removeOldFiles(folder: string, current: Set<string>): void {
  for (const file of readdirSync(folder)) {
    const path = join(folder, file);
    const isCurrent = current.has(file.replace(/\.(gz|br)$/, "")) || file.startsWith("assets.json");
    if (!isCurrent && Date.now() - statSync(path).mtimeMs > KEEP_OLD_MS) rmSync(path);
  }
}

/** The hashed file of each entry script and each asset, by the name that templates use. */
function fileNames(bundle: Bundle): Record<string, string> {
  const names: Record<string, string> = {};
  for (const output of Object.values(bundle)) {
    const isScript = output.type === "chunk" && output.isEntry && output.facadeModuleId?.endsWith(".ts");
    if (isScript) names[`${output.name}.js`] = output.fileName;
    if (output.type === "asset") for (const name of output.names) names[templateName(name)] = output.fileName;
  }
  return names;
}

/** Short names for templates: styles by their sheet, the typeface without its package. */
function templateName(name: string): string {
  return name.endsWith("latin-wght-normal.woff2") ? "font.woff2" : name.replace("-style.css", ".css");
}

/** Script files that each island pulls in, itself first. */
function islandFiles(bundle: Bundle): Record<string, string[]> {
  const files: Record<string, string[]> = {};
  for (const output of Object.values(bundle)) {
    if (output.type !== "chunk" || !output.isDynamicEntry) continue;
    files[output.name] = [output.fileName, ...output.imports.filter((file) => !isEntry(bundle, file))];
  }
  return files;
}

/** The entry is on each page already. */
function isEntry(bundle: Bundle, file: string): boolean {
  const output = bundle[file];
  return output?.type === "chunk" && output.isEntry;
}
