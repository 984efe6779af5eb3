/**
 * Builds dist/faq-chat.js from src/. The first line of the built file carries the first 16 digits of the sha256 of its
 * sources, by this rule: over package-lock.json, build.mjs and src/* in the order of their paths (bytewise), hash for
 * each file its path (such as `src/view.js`), a NUL, its bytes, a NUL. tests/channels/test_widget_build.py computes
 * the same.
 */
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";
import { minify } from "terser";

/** The oldest browsers that it is built for. */
const TARGET = ["es2022", "chrome111", "firefox114", "safari16.4"];

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

function hashOfSources() {
  const hash = createHash("sha256");
  for (const path of ["build.mjs", "package-lock.json", ...readdirSync(here("src")).map((name) => "src/" + name)].sort()) {
    hash.update(path + "\0").update(readFileSync(here(path))).update("\0");
  }
  return hash.digest("hex").slice(0, 16);
}

/** Members of our own classes that get short names. None of them is a word of the API, the storage or the strings. */
const OURS = [
  ...["alarm", "asked", "asking", "begin", "busy", "changed", "draw", "flush", "here", "judge", "judging", "kept"],
  ...["leave", "look", "point", "problem", "remember", "renew", "retry", "returned", "root", "say", "sectionAt"],
  ...["sendDraft", "showMenu", "told", "wanted"],
];

/** Takes the white space out that templates have for people: between tags and texts, and between attributes. */
function tight(source) {
  return source
    .replace(/\n\s+/g, "\n")
    .replace(/>\n</g, "><")
    .replace(/(<\w+|"|\})\n(?=[@?]?[a-z-]+=["$])/g, "$1 ")
    .replace(/(["}])\n>/g, "$1>")
    .replace(/>\n\$\{/g, ">${")
    .replace(/\}\n</g, "}<");
}

const result = await build({
  entryPoints: [here("src/define.js")],
  bundle: true,
  minify: true,
  format: "iife",
  target: TARGET,
  charset: "utf8",
  legalComments: "none",
  write: false,
  plugins: [
    {
      name: "tight",
      setup(build) {
        build.onLoad({ filter: /\.css$/ }, async ({ path }) => {
          const { code } = await transform(readFileSync(path, "utf8"), { loader: "css", minify: true, target: TARGET });
          return { contents: code.trim().replace(/(--[\w-]+): /g, "$1:").replace(/, /g, ","), loader: "text" };
        });
        build.onLoad({ filter: /widget[\\/]src[\\/]\w+\.js$/ }, ({ path }) => ({ contents: tight(readFileSync(path, "utf8")) }));
      },
    },
  ],
});

// A second pass takes another half a kilobyte, gzipped.
const { code } = await minify(result.outputFiles[0].text, {
  ecma: 2020,
  compress: { passes: 4, pure_getters: true, unsafe: true, unsafe_arrows: true },
  mangle: { properties: { regex: new RegExp(`^(${OURS.join("|")})$`) } },
});
const target = process.argv[2] ?? here("dist/faq-chat.js");
mkdirSync(dirname(target), { recursive: true });
const title = `// faq-chat ${hashOfSources()}; with lit (c) Google LLC, BSD-3-Clause`;
writeFileSync(target, `${title}\n${code}\n`);
