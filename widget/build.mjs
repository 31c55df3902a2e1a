// Builds the one file that browsers load, and notes from which sources: a stale build is found by
// tests/widget even where there is no Node. `node build.mjs FILE` builds to FILE and notes nothing.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { build, transform } from "esbuild";

const here = new URL(".", import.meta.url);
const shipped = new URL("../src/promontory/program/answering/static/answering/promontory.js", here);

const minifiedCss = {
  name: "minified-css",
  setup(made) {
    made.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(readFileSync(path, "utf8"), { loader: "css", minify: true });
      return { contents: code.trim(), loader: "text" };
    });
  },
};

const result = await build({
  entryPoints: [new URL("src/main.ts", here).pathname],
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  tsconfigRaw: {}, // or esbuild adds "use strict", which nothing here needs
  charset: "utf8",
  legalComments: "none",
  plugins: [minifiedCss],
  write: false,
});
const code = result.outputFiles[0].contents;

if (process.argv[2]) {
  writeFileSync(process.argv[2], code);
} else {
  const hash = (content) => createHash("sha256").update(content).digest("hex");
  const names = readdirSync(new URL("src/", here)).sort();
  const sources = ["build.mjs", "package-lock.json", ...names.map((name) => `src/${name}`)];
  const lines = sources.map((name) => `${hash(readFileSync(new URL(name, here)))}  ${name}\n`);
  writeFileSync(shipped, code);
  writeFileSync(new URL("built.sha256", here), lines.join("") + `${hash(code)}  promontory.js\n`);
}
