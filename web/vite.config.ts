import { svelte } from "@sveltejs/vite-plugin-svelte";
import { readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";
import type { Plugin } from "vite";
import { engineWasm, fieldWorker } from "./plugins/field-app.ts";

/** Where `npm run dev` finds the API; the built bundle is served by `phteah` itself and needs no proxy. */
const server = process.env.PHTEAH_URL ?? "http://127.0.0.1:8080";

/** The map's code and the faces of the page: asked for with the page itself, not when the page finds that it needs them. */
const early = [
  /^assets\/(planner-map|maplibre-gl-worker)-.*\.(js|css)$/,
  /^assets\/noto-sans-(latin|khmer-khmer)-[46]00-normal-.*\.woff2$/,
];

function preload(): Plugin {
  return {
    name: "preload",
    transformIndexHtml: {
      order: "post",
      handler: (_, { bundle, filename }) =>
        // The other pages have their own.
        (filename.endsWith("index.html") ? Object.keys(bundle ?? {}) : [])
          .filter((file) => early.some((pattern) => pattern.test(file)))
          .map((file) => ({ tag: "link", attrs: attributes(`/${file}`), injectTo: "head" })),
    },
  };
}

/** Styles that several pages share become files of their own and would come last. The others build on them, so they come first. */
function sharedStylesFirst(): Plugin {
  const stylesheet = /<link rel="stylesheet"[^>]*>/g;
  const shared = ["/tokens-", "/base-"];
  const place = (link: string) => {
    const at = shared.findIndex((name) => link.includes(name));
    return at < 0 ? shared.length : at;
  };
  return {
    name: "shared-styles-first",
    transformIndexHtml: {
      order: "post",
      handler: (html) => {
        const links = (html.match(stylesheet) ?? []).sort((a, b) => place(a) - place(b));
        return html.replace(stylesheet, () => links.shift() ?? "");
      },
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

/** Each page of the program, and the field app's service worker, which stands at one address for ever. */
const pages = ["index.html", "field.html", "desk.html"];
const FIELD_WORKER = "field-sw";

export default defineConfig({
  plugins: [
    engineWasm(),
    svelte(),
    preload(),
    sharedStylesFirst(),
    fieldWorker((name) => readFileSync(`public/${name}`)),
  ],
  build: {
    rollupOptions: {
      input: {
        ...Object.fromEntries(pages.map((page) => [page.replace(".html", ""), page])),
        [FIELD_WORKER]: "src/field/sw.ts",
      },
      output: {
        entryFileNames: ({ name }) => (name === FIELD_WORKER ? "field/sw.js" : "assets/[name]-[hash].js"),
      },
    },
    // The content security policy allows no `data:` fonts or scripts, so nothing may be inlined into the bundle.
    assetsInlineLimit: 0,
    target: "es2022",
    // MapLibre is one large chunk by nature; the budget of the whole page is checked by the browser test.
    chunkSizeWarningLimit: 1300,
  },
  // The list of facts lies beside this folder.
  server: { proxy, fs: { allow: [".."] } },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
