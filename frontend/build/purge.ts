// Leaves out the rules that no template, Python file or script can meet. Runs before the file's hash is taken.
import { readFileSync } from "node:fs";
import postcss, { type AcceptedPlugin } from "postcss";
import { PurgeCSS } from "purgecss";
import { namingFiles } from "./files.ts";

// Classes that Django, htmx or MapLibre write by themselves.
const SAFELIST = [/^htmx-/, /^maplibregl-/, /^(status|due|note|fill|stroke|tile|moment|icon|swatch)-/, /^is-/];

const SHEETS = /(public|dashboard|staff)\.scss$/;

export function purge(root: string): AcceptedPlugin {
  return {
    postcssPlugin: "qlue-purge",
    async OnceExit(sheet, { result }) {
      if (!SHEETS.test(result.opts.from ?? "")) return;
      const content = namingFiles(root).map((file) => ({ raw: readFileSync(file, "utf8"), extension: "html" }));
      const [purged] = await new PurgeCSS().purge({
        content,
        css: [{ raw: sheet.toString() }],
        defaultExtractor: (text) => text.match(/[A-Za-z0-9_-]+/g) ?? [],
        safelist: { standard: SAFELIST, greedy: [/^data-/, /aria-/] },
        variables: true,
        keyframes: true,
      });
      if (purged) sheet.removeAll().append(postcss.parse(purged.css, { from: result.opts.from }));
    },
  };
}
