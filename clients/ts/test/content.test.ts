/**
 * Content has the identifiers of `ipfs add`, and is verified. Compared with the IPFS project's own
 * JavaScript.
 */

import assert from "node:assert/strict";
import {
  mkdtemp,
  readdir,
  readFile as readBytes,
  rm,
  writeFile as writeBytes,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { exporter } from "ipfs-unixfs-exporter";
import { importBytes } from "ipfs-unixfs-importer";
import { CID } from "multiformats/cid";

import * as content from "../src/content/index.ts";
import { FolderStore } from "../src/folderStore.ts";

/** What `ipfs add` does by default: CIDv0, blocks of 256 KiB, 174 links in each. */
const PROFILE = { profile: "unixfs-v0-2015" } as const;
const CHUNK = 262_144;

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "nosana-content-"));
});
after(() => rm(folder, { recursive: true }));

/** Bytes that do not repeat from block to block. */
function sampleBytes(length: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  for (let at = 0; at < words.length; at += 1) words[at] = Math.imul(at, 2_654_435_761);
  return new Uint8Array(words.buffer, 0, length);
}

test("identifiers are those of `ipfs add`", async () => {
  const known = [
    ["hello world\n", "QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o"],
    ["", "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH"],
  ] as const;
  for (const [text, id] of known) {
    assert.equal(await content.identifyFile(new TextEncoder().encode(text)), id);
    assert.equal(content.toContentId(content.toDigest(id)), id);
  }
});

test("files of one, many and very many blocks are those of js-ipfs, both ways", async () => {
  for (const length of [1, CHUNK, CHUNK + 1, 3 * CHUNK, 174 * CHUNK, 174 * CHUNK + 1]) {
    const bytes = sampleBytes(length);
    const ours = new content.MemoryStore();
    const theirs = new content.MemoryStore();
    const importer = {
      put: async (cid: CID, block: unknown) => {
        await theirs.putBlock(String(cid), block as Uint8Array);
        return cid;
      },
    };

    const id = await content.writeFile(ours, bytes);
    assert.equal(id, String((await importBytes(bytes, importer, PROFILE)).cid), `${length} bytes`);
    assert.equal([...ours.entries()].length, [...theirs.entries()].length);

    const read = await content.readFile(theirs, id, { maxBytes: length });
    assert.ok(Buffer.from(read).equals(bytes), `their ${length} bytes, by our reader`);
    const exported = await exportBytes(ours, id);
    assert.ok(exported.equals(bytes), `our ${length} bytes, by their reader`);
  }
});

async function exportBytes(store: content.BlockStore, id: string): Promise<Buffer> {
  const source = {
    async *get(cid: CID) {
      yield await store.getBlock(String(cid));
    },
  };
  const entry = await exporter(CID.parse(id), source);
  assert.equal(entry.type, "file");
  const parts: Uint8Array[] = [];
  for await (const part of entry.content()) parts.push(part as Uint8Array);
  return Buffer.concat(parts);
}

test("a folder keeps content, and a damaged block is refused", async () => {
  const store = new FolderStore(folder);
  const value = { text: "x".repeat(600_000) };
  const id = await content.writeJson(store, value);
  assert.deepEqual(await content.readJson(store, id), value);
  assert.deepEqual(await readdir(join(folder, "staging")), []);

  const name = Buffer.from(content.toDigest(id)).toString("hex");
  const path = join(folder, "blocks", name.slice(0, 2), name.slice(2, 4), name);
  const block = await readBytes(path);
  block[0]! ^= 1;
  await writeBytes(path, block);
  await assert.rejects(content.readJson(store, id), /damaged or forged/);

  const missing = content.toContentId(new Uint8Array(32).fill(7));
  await assert.rejects(content.readJson(store, missing), content.BlockNotFoundError);
});

test("hostile content is refused", async () => {
  const store = new content.MemoryStore();
  const putRaw = async (bytes: number[]) => {
    const block = Uint8Array.from(bytes);
    const id = await content.identifyBlock(block);
    await store.putBlock(id, block);
    return id;
  };
  const refused: [number[], RegExp][] = [
    [[0xff], /ends within a number/],
    [[0x0a, 0x05, 0x08], /ends within a field/],
    [[0x0d, 0, 0, 0, 0], /unknown type 5/],
    [[0x0a, 0x02, 0x08, 0x01], /not a file, but a UnixFS node of type 1/],
    [[0x0a, 0x04, 0x08, 0x02, 0x18, 0x05], /has 0 bytes but declares 5/],
    [[0x12, 0x02, 0x0a, 0x00, 0x0a, 0x04, 0x08, 0x02, 0x18, 0x00], /not a CIDv0/],
    [[], /no data/],
    [[0x08, ...Array<number>(12).fill(0xff)], /too large/],
  ];
  for (const [bytes, expected] of refused) {
    await assert.rejects(content.readFile(store, await putRaw(bytes)), expected);
  }

  const big = await content.writeFile(store, sampleBytes(CHUNK * 2));
  await assert.rejects(content.readFile(store, big, { maxBytes: CHUNK }), /raise `maxBytes`/);
  await assert.rejects(content.readFile(store, big, { signal: AbortSignal.abort() }), /abort/i);
  await assert.rejects(content.readJson(store, big), /not a JSON file/);
});

test("a tree of empty blocks that unfolds without end is refused", async () => {
  const { encodeLeaf, encodeParent } = await import("../src/content/block.ts");
  const store = new content.MemoryStore();
  const put = async (block: Uint8Array) => {
    const id = await content.identifyBlock(block);
    await store.putBlock(id, block);
    return id;
  };

  let id = await put(encodeLeaf(new Uint8Array()));
  for (let level = 0; level < 6; level += 1) {
    id = await put(encodeParent(Array(100).fill({ id, contentBytes: 0, totalBytes: 0 })));
  }
  await assert.rejects(content.readFile(store, id, { maxBytes: 1024 }), /too many blocks/);

  // Links are encoded in base 58, which takes long: not before they are followed.
  const wide = await put(encodeParent(Array(40_000).fill({ id, contentBytes: 0, totalBytes: 0 })));
  const began = performance.now();
  await assert.rejects(content.readFile(store, wide), /too many blocks/);
  assert.ok(performance.now() - began < 500, `${performance.now() - began} ms`);
});

test("only identifiers that the chain can store are accepted", () => {
  for (const text of [
    "",
    "Qm",
    "QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5",
    "bafkqaaa",
    "0OIl",
  ]) {
    assert.throws(() => content.toDigest(text), /is not a CIDv0/);
  }
  assert.throws(() => content.toContentId(new Uint8Array(31)), /32 bytes, not 31/);
  assert.ok(!content.isSet(new Uint8Array(32)));
  assert.ok(content.isSet(Uint8Array.of(0, 1)));
});

test("an IPFS node that does not answer is an error that names it", async () => {
  const store = new content.KuboStore("http://127.0.0.1:9/");
  const id = content.toContentId(new Uint8Array(32).fill(7));
  await assert.rejects(store.getBlock(id), /IPFS node at http:\/\/127.0.0.1:9 does not answer/);
});
