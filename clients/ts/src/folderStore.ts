/**
 * The content store in a folder, which the command line and the nodes of the same machine share.
 */

import { randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname, join } from "node:path";

import { BlockNotFoundError } from "./content/error.js";
import { toDigest, type ContentId } from "./content/identifier.js";
import type { BlockStore } from "./content/store.js";

/**
 * A folder with each block in `blocks/ab/cd/abcd…`, named by its sha2-256 in hexadecimal. A block
 * is written to `staging`, flushed, and renamed to its name, so that readers see it whole or not at
 * all.
 */
export class FolderStore implements BlockStore {
  /** The store's folder; created at the first write. */
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  async getBlock(id: ContentId, signal?: AbortSignal): Promise<Uint8Array> {
    try {
      return new Uint8Array(await readFile(this.#path(id), { signal }));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      throw new BlockNotFoundError(id, `the store in ${this.folder}`);
    }
  }

  async putBlock(id: ContentId, block: Uint8Array): Promise<void> {
    const path = this.#path(id);
    const staged = join(this.folder, "staging", randomUUID());
    await Promise.all(
      [dirname(path), dirname(staged)].map((folder) => mkdir(folder, { recursive: true })),
    );

    const file = await open(staged, "wx");
    try {
      await file.writeFile(block);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(staged, path);
  }

  #path(id: ContentId): string {
    const name = Buffer.from(toDigest(id)).toString("hex");
    return join(this.folder, "blocks", name.slice(0, 2), name.slice(2, 4), name);
  }
}
