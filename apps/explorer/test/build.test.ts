/** The built page: its weight, its policy, and that it works from any folder. */

import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { build } from "vite";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const MAX_BYTES = 300_000;

let folder = "";
const files = new Map<string, Buffer>();

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "nosana-explorer-"));
  await build({ root: ROOT, logLevel: "silent", build: { outDir: folder, emptyOutDir: true } });
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(path.slice(folder.length + 1), await readFile(path));
  }
});
after(async () => {
  await rm(folder, { recursive: true, force: true });
});

test("all files together weigh at most 300 KB, compressed", () => {
  const bytes = [...files.values()].reduce((sum, file) => sum + gzipSync(file).length, 0);
  assert.ok(bytes > 10_000 && bytes <= MAX_BYTES, `${bytes} bytes`);
});

test("the page has a strict policy, and no inline script or style", () => {
  const page = files.get("index.html")?.toString() ?? "";
  assert.match(page, /Content-Security-Policy/);
  assert.doesNotMatch(page, /unsafe-inline|unsafe-eval/);
  assert.match(page, /<meta name="referrer" content="no-referrer"/);
  assert.doesNotMatch(page, /<script(?![^>]* src=)|<style|\sstyle=|\son\w+=/);
});

test("the page works from any folder, and loads nothing from elsewhere", () => {
  const page = files.get("index.html")?.toString() ?? "";
  const links = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, link]) => link ?? "");
  assert.ok(links.length >= 3);
  for (const link of links) assert.match(link, /^\.\//);
  for (const link of links) assert.ok(files.has(link.slice(2)), `${link} is not built`);
});
