// @vitest-environment node
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, it } from "vitest";

const SOURCE = resolve(import.meta.dirname, "../src");
const IMPORT = /(?:from|import)\s*\(?\s*"(\.[^"?]+)"/g;

const modules = readdirSync(SOURCE, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));

/** Modules of ours that a module imports, at once or later by `import()`. */
function importsOf(module: string): string[] {
  const text = readFileSync(join(SOURCE, module), "utf8");
  const targets = [...text.matchAll(IMPORT)].map(([, path = ""]) => relative(SOURCE, resolve(SOURCE, dirname(module), path)));
  return targets.map((target) => `${target}.ts`).filter((target) => modules.includes(target));
}

/** The first circle on a way from `module`, as the modules on it; [] when there is none. */
function circleFrom(module: string, path: string[], finished: Set<string>): string[] {
  if (path.includes(module)) return [...path.slice(path.indexOf(module)), module];
  if (finished.has(module)) return [];
  for (const target of importsOf(module)) {
    const circle = circleFrom(target, [...path, module], finished);
    if (circle.length) return circle;
  }
  finished.add(module);
  return [];
}

it("no module imports itself by way of others", () => {
  expect(modules.length).toBeGreaterThan(30);
  expect(importsOf("send.ts")).toContain("outbox/offline.ts"); // import() is seen too
  const finished = new Set<string>();
  expect(modules.flatMap((module) => circleFrom(module, [], finished))).toEqual([]);
});

it("what islands share imports no island; only their list does", () => {
  const shared = modules.filter((module) => !module.startsWith("islands/") && module !== "public.ts");
  expect(shared.filter((module) => importsOf(module).some((target) => target.startsWith("islands/")))).toEqual([]);
});
