/**
 * The content store, written and read by the IPFS project's own JavaScript, which shares no code with the Rust store.
 *
 * A file is a tree of blocks; each block lies at `blocks/ab/cd/abcd…`, named by the SHA-256 of its bytes.
 */

import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { exporter } from "ipfs-unixfs-exporter";
import { importBytes } from "ipfs-unixfs-importer";
import { CID } from "multiformats/cid";
import * as Digest from "multiformats/hashes/digest";

/** The multihash code of SHA2-256. */
const SHA2_256 = 0x12;
/** The most that these tests read. */
const MAX_BYTES = 16n * 1024n * 1024n;
/** What `ipfs add` does by default: CIDv0, blocks of 256 KiB, 174 links in each node. */
const PROFILE = { profile: "unixfs-v0-2015" } as const;

/** The identifier behind the 32 bytes that the chain stores. */
export function contentId(digest: ArrayLike<number>): CID {
  return CID.createV0(Digest.create(SHA2_256, Uint8Array.from(digest)));
}

/** The 32 bytes that the chain stores for an identifier. */
export function digestOf(id: CID): number[] {
  return [...id.multihash.digest];
}

/** The identifier of these bytes as a file, without storing them. */
export async function identify(bytes: Uint8Array): Promise<CID> {
  const put = async (id: CID) => id;
  return (await importBytes(bytes, { put }, PROFILE)).cid;
}

export class Store {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Stores a value as a JSON file. */
  async addJson(value: unknown): Promise<CID> {
    const bytes = new TextEncoder().encode(JSON.stringify(value));
    return (await importBytes(bytes, this, PROFILE)).cid;
  }

  /** Reads a JSON file, named by its identifier or by the text of it. */
  async readJson(id: CID | string): Promise<unknown> {
    return JSON.parse(new TextDecoder().decode(await this.read(typeof id === "string" ? CID.parse(id) : id)));
  }

  /** Reads a file. Every block is checked against its name. */
  async read(id: CID): Promise<Uint8Array> {
    const entry = await exporter(id, this);
    if (entry.type !== "file") throw new Error(`${id} is a ${entry.type}, not a file`);
    if (entry.size > MAX_BYTES) throw new Error(`${id} has ${entry.size} bytes, more than ${MAX_BYTES}`);
    const parts: Uint8Array[] = [];
    for await (const part of entry.content()) parts.push(part);
    return Buffer.concat(parts);
  }

  /** Writes one block; the importer calls it. Renaming makes the block appear whole or not at all. */
  async put(id: CID, block: unknown): Promise<CID> {
    if (!(block instanceof Uint8Array)) throw new TypeError("this store takes blocks as one piece of bytes");
    const path = this.#path(id);
    const staged = join(this.#folder, "staging", randomUUID());
    await Promise.all([dirname(path), dirname(staged)].map((folder) => mkdir(folder, { recursive: true })));
    await writeFile(staged, block);
    await rename(staged, path);
    return id;
  }

  /** Reads one block and checks it; the exporter calls it. */
  async *get(id: CID): AsyncGenerator<Uint8Array> {
    const block = await readFile(this.#path(id));
    const actual = createHash("sha256").update(block).digest();
    if (!actual.equals(id.multihash.digest)) throw new Error(`block ${id} hashes to ${actual.toString("hex")}`);
    yield block;
  }

  #path(id: CID): string {
    if (id.multihash.code !== SHA2_256) throw new Error(`${id} is not a sha2-256 hash`);
    const name = Buffer.from(id.multihash.digest).toString("hex");
    return join(this.#folder, "blocks", name.slice(0, 2), name.slice(2, 4), name);
  }
}
