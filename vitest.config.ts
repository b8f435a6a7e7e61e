import { defineConfig, type ViteUserConfig } from "vitest/config";

// Everything `npm test` runs. Tests that need another toolchain live in test/foreign and have their own command.
const config: ViteUserConfig = defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    exclude: ["test/foreign/**"],
    setupFiles: ["test/support/property-seed.ts"],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    pool: "forks",
  },
});
export default config;
