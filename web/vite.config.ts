import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

/** Where `npm run dev` finds the API; the built bundle is served by `phteah` itself and needs no proxy. */
const server = process.env.PHTEAH_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [svelte()],
  build: {
    // The content security policy allows no `data:` fonts or scripts, so nothing may be inlined into the bundle.
    assetsInlineLimit: 0,
    target: "es2022",
    // MapLibre is one large chunk by nature; the budget of the whole page is checked by the browser test.
    chunkSizeWarningLimit: 1300,
  },
  server: { proxy: { "/api": server, "/tiles": server, "/health": server } },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
