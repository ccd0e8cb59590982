import { resolve } from "node:path";
import { defineConfig, type Plugin } from "vite";
import { iconSprite } from "./build/icons.ts";
import { publishBuild } from "./build/manifest.ts";
import { purge } from "./build/purge.ts";
import { serviceWorker } from "./build/worker.ts";

const root = resolve(import.meta.dirname, "..");
const stagingFolder = resolve(import.meta.dirname, `node_modules/.built-${process.pid}`); // publishBuild moves it where pages look

/** htmx can evaluate strings; our pages forbid that, so the code for it stays out of the bundle. */
function withoutEval(): Plugin {
  return {
    name: "qlue-without-eval",
    transform: (code, id) => (id.includes("htmx.org") ? code.replace("return eval(str)", "return undefined") : null),
  };
}

export default defineConfig({
  base: "./", // files find each other wherever Django's STATIC_URL puts them
  publicDir: false,
  css: {
    postcss: { plugins: [purge(root)] },
    preprocessorOptions: { scss: { quietDeps: true, silenceDeprecations: ["import", "global-builtin", "color-functions"] } },
  },
  plugins: [withoutEval(), iconSprite(root), serviceWorker(), publishBuild(root, resolve(root, "qlue/web/static/built"))],
  build: {
    outDir: stagingFolder,
    emptyOutDir: true,
    assetsInlineLimit: 0,
    target: ["chrome100", "firefox100", "safari15.4"],
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
    rolldownOptions: {
      input: {
        public: "src/public.ts",
        "public-style": "src/styles/public.scss",
        "dashboard-style": "src/styles/dashboard.scss",
        "staff-style": "src/styles/staff.scss",
      },
      output: {
        entryFileNames: "[name]-[hash].js",
        chunkFileNames: "[name]-[hash].js",
        assetFileNames: "[name]-[hash][extname]",
      },
    },
  },
});
