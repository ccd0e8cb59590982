// The service worker is one plain script: browsers without module workers take it too.
import { resolve } from "node:path";
import { build, type Plugin, type Rolldown } from "vite";

export function serviceWorker(): Plugin {
  return {
    name: "qlue-service-worker",
    async generateBundle() {
      const bundle = (await build({
        configFile: false,
        publicDir: false,
        logLevel: "warn",
        build: {
          write: false,
          target: ["chrome100", "firefox100", "safari15.4"],
          rolldownOptions: { input: resolve(import.meta.dirname, "../src/worker/sw.ts"), output: { format: "iife" } },
        },
      })) as Rolldown.RolldownOutput;
      this.emitFile({ type: "asset", name: "sw.js", source: bundle.output[0].code });
    },
  };
}
