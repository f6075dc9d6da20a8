/**
 * Browsers can run the core: a bundle for them has nothing of Node.js, and keeps the texts of
 * errors.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { build } from "esbuild";

const ROOT = fileURLToPath(new URL("../dist/", import.meta.url));
/** Bounds of the sizes, in bytes after gzip; kit is most of it. */
const MAX_CLIENT_BYTES = 150_000;
const MAX_READER_BYTES = 45_000;

/** Bundles for browsers, as a production build. esbuild fails if a module of Node.js is needed. */
async function bundle(
  contents: string,
): Promise<{ text: string; gzipped: number; inputs: string[] }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: ROOT },
    bundle: true,
    logLevel: "silent",
    define: { "process.env.NODE_ENV": '"production"' },
    format: "esm",
    metafile: true,
    minify: true,
    platform: "browser",
    write: false,
  });
  const [output] = outputFiles;
  assert.ok(output);
  return {
    text: output.text,
    gzipped: gzipSync(output.contents).length,
    inputs: Object.keys(metafile.inputs),
  };
}

test("the core is bundled for browsers without anything of Node.js", async () => {
  const { text, gzipped, inputs } = await bundle('export * from "./index.js";');
  assert.doesNotMatch(text, /\bprocess\.|\bBuffer\.|["']node:/);
  assert.ok(!inputs.some((path) => /folderStore|keypair\.js/.test(path)), "that is `/node` only");
  assert.ok(gzipped < MAX_CLIENT_BYTES, `${gzipped} bytes`);
});

test("who only reads jobs loads only that", async () => {
  const contents = 'import { fetchJob } from "./generated/jobs/index.js"; console.log(fetchJob);';
  const { gzipped } = await bundle(contents);
  assert.ok(gzipped < MAX_READER_BYTES, `${gzipped} bytes`);
});

test("the export for Node.js cannot be bundled for browsers by mistake", async () => {
  await assert.rejects(bundle('export * from "./node.js";'), /Could not resolve "node:/);
});

test("a production bundle has the texts of errors", async () => {
  const { text } = await bundle('export { describeError } from "./transaction/knownErrors.js";');
  const module = (await import(
    `data:text/javascript;base64,${Buffer.from(text).toString("base64")}`
  )) as typeof import("../src/transaction/knownErrors.ts");

  const jobs = "AfjSMc2J4umgZ2EP1gXUYbiKTmEkF29EKjug9bc26w14" as never;
  assert.match(module.describeError(jobs, 6_001).meaning, /The state of the job does not allow/);
});
