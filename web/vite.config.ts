import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";
import type { Plugin } from "vite";

/** Where `npm run dev` finds the API; the built bundle is served by `phteah` itself and needs no proxy. */
const server = process.env.PHTEAH_URL ?? "http://127.0.0.1:8080";

/** The map's code and the faces of the page: asked for with the page itself, not when the page finds that it needs them. */
const early = [/^assets\/planner-map-.*\.(js|css)$/, /^assets\/noto-sans-(latin|khmer-khmer)-[46]00-normal-.*\.woff2$/];

function preload(): Plugin {
  return {
    name: "preload",
    transformIndexHtml: {
      order: "post",
      handler: (_, { bundle }) =>
        Object.keys(bundle ?? {})
          .filter((file) => early.some((pattern) => pattern.test(file)))
          .map((file) => ({ tag: "link", attrs: attributes(`/${file}`), injectTo: "head" })),
    },
  };
}

function attributes(href: string): Record<string, string | boolean> {
  if (href.endsWith(".js")) return { rel: "modulepreload", href };
  return href.endsWith(".css")
    ? { rel: "preload", as: "style", crossorigin: true, href }
    : { rel: "preload", as: "font", type: "font/woff2", crossorigin: true, href };
}

/** The page keeps its own name on the way: to the server another one would be a stranger's page. */
const passed = { target: server, changeOrigin: false };
const proxy = Object.fromEntries(
  ["/api", "/tiles", "/health", "/data", "/sign-in", "/sign-out"].map((path) => [path, passed]),
);

export default defineConfig({
  plugins: [svelte(), preload()],
  build: {
    // The content security policy allows no `data:` fonts or scripts, so nothing may be inlined into the bundle.
    assetsInlineLimit: 0,
    target: "es2022",
    // MapLibre is one large chunk by nature; the budget of the whole page is checked by the browser test.
    chunkSizeWarningLimit: 1300,
  },
  server: { proxy },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
