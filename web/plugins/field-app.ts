/** What the field app needs of the build: its service worker's list of files, and WebAssembly as files of their own. */
import { createHash } from "node:crypto";
import type { Plugin, Rollup } from "vite";

type Bundle = Rollup.OutputBundle;
type Chunk = Rollup.OutputChunk;

const PAGE = "field.html";
const WORKER = "field/sw.js";
/** Files of `public/` that the app shows without a network, with where they are. */
const PUBLIC = ["field/manifest.webmanifest", "field/icon.svg"];

/** Everything that the page needs, near and far, by name. */
function filesOf(bundle: Bundle): string[] {
  const page = Object.values(bundle).find(
    (one): one is Chunk => one.type === "chunk" && one.isEntry && (one.facadeModuleId ?? "").endsWith(PAGE),
  );
  const found = new Set<string>();
  const visit = (name: string) => {
    if (found.has(name) || !bundle[name]) return;
    found.add(name);
    const file = bundle[name];
    if (file.type !== "chunk") {
      // Styles name the faces of letters.
      const text = typeof file.source === "string" ? file.source : "";
      if (name.endsWith(".css")) for (const other of Object.keys(bundle)) if (text.includes(other)) visit(other);
      return;
    }
    const css = (file as { viteMetadata?: { importedCss: Set<string>; importedAssets: Set<string> } }).viteMetadata;
    for (const next of [
      ...file.imports,
      ...file.dynamicImports,
      ...(css?.importedCss ?? []),
      ...(css?.importedAssets ?? []),
    ]) {
      visit(next);
    }
    for (const other of Object.keys(bundle))
      if (!found.has(other) && file.code.includes(other.replace("assets/", ""))) visit(other);
  };
  if (page) visit(page.fileName);
  // Browsers that are young enough for the app take the letters as woff2.
  return [...found].filter((name) => name.startsWith("assets/") && !/\.(map|woff)$/.test(name));
}

const sha256 = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex");
const contentOf = (file: Bundle[string]): string | Uint8Array => (file.type === "chunk" ? file.code : file.source);

/** Gives the service worker the list of the app's files with their hashes. */
export function fieldWorker(readPublic: (name: string) => Uint8Array): Plugin {
  return {
    name: "field-worker",
    apply: "build",
    enforce: "post",
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const worker = bundle[WORKER];
        if (worker?.type !== "chunk") return;
        const page = bundle[PAGE];
        if (!page) this.error(`The build has no ${PAGE}.`);
        if (worker.imports.length > 0) this.error("The service worker must be one file.");
        const files: [string, string][] = [
          ["/field", sha256(contentOf(page))],
          ...filesOf(bundle).map((name): [string, string] => [
            `/${name}`,
            sha256(contentOf(bundle[name] as Bundle[string])),
          ]),
          ...PUBLIC.map((name): [string, string] => [`/${name}`, sha256(readPublic(name))]),
        ];
        files.sort(([a], [b]) => (a < b ? -1 : 1));
        const list = JSON.stringify(files);
        worker.code = worker.code
          .replaceAll("FIELD_VERSION", JSON.stringify(sha256(list).slice(0, 12)))
          .replaceAll("FIELD_FILES", list);
      },
    },
  };
}

/** The forms engine carries its WebAssembly as text in its script, which the page's policy does not let it load: it becomes files. */
export function engineWasm(): Plugin {
  return {
    name: "engine-wasm",
    apply: "build",
    enforce: "pre",
    transform(code, id) {
      if (!id.includes("@getodk/xforms-engine/dist/")) return null;
      let n = 0;
      const out = code.replace(/"data:application\/wasm;base64,([A-Za-z0-9+/=]+)"/g, (_, base64: string) => {
        n += 1;
        const source = Buffer.from(base64, "base64");
        const name = `engine-${sha256(source).slice(0, 8)}.wasm`;
        const file = this.emitFile({ type: "asset", name, source });
        return `import.meta.ROLLUP_FILE_URL_${file}`;
      });
      return n > 0 ? { code: out, map: null } : null;
    },
  };
}
