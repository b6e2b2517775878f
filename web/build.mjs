// Bundles the page of `forger watch`: node build.mjs OUTDIR writes index.html, app.js and app.css there.
import { build } from "esbuild";
import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const out = process.argv[2];
if (!out) {
  console.error("usage: node build.mjs OUTDIR");
  process.exit(2);
}
const source = join(dirname(fileURLToPath(import.meta.url)), "src");
await mkdir(out, { recursive: true });
await build({
  entryPoints: { app: join(source, "main.ts") },
  outdir: resolve(out),
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2020"],
  legalComments: "none",
  charset: "utf8",
  logLevel: "warning",
});
await copyFile(join(source, "index.html"), join(out, "index.html"));
