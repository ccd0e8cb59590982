// Leaves out the rules that no template, Python file or script can meet. Runs before the file's hash is taken.
import { readFileSync } from "node:fs";
import postcss, { type AcceptedPlugin } from "postcss";
import { PurgeCSS } from "purgecss";
import { outsideFiles } from "./files.ts";

// Classes that Django, htmx or MapLibre write by themselves.
const KEPT = [/^htmx-/, /^maplibregl-/, /^(status|due|note|fill|stroke|tile|moment|icon|swatch)-/, /^is-/];

const SHEETS = /(public|dashboard|staff)\.scss$/;

export function purge(root: string): AcceptedPlugin {
  return {
    postcssPlugin: "qlue-purge",
    async OnceExit(sheet, { result }) {
      if (!SHEETS.test(result.opts.from ?? "")) return;
      const content = outsideFiles(root).map((file) => ({ raw: readFileSync(file, "utf8"), extension: "html" }));
      const [kept] = await new PurgeCSS().purge({
        content,
        css: [{ raw: sheet.toString() }],
        defaultExtractor: (text) => text.match(/[A-Za-z0-9_-]+/g) ?? [],
        safelist: { standard: KEPT, greedy: [/^data-/, /aria-/] },
        variables: true,
        keyframes: true,
      });
      if (kept) sheet.removeAll().append(postcss.parse(kept.css, { from: result.opts.from }));
    },
  };
}
