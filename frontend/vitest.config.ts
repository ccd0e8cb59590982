// Apart from vite.config.ts, whose plugins write the site's static files.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    environment: "happy-dom",
    setupFiles: ["tests/support/setup.ts"],
    include: ["tests/**/*.test.ts"],
    reporters: ["default"],
    slowTestThreshold: 2000,
    restoreMocks: true,
    unstubGlobals: true,
  },
});
