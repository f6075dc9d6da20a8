/** Stores of blocks. A store is not trusted: readers verify the hash of every block. */

import { BlockNotFoundError } from "./error.js";
import type { ContentId } from "./identifier.js";

/** The largest block: the limit of IPFS's own block exchange. */
export const MAX_BLOCK_BYTES = 2 * 1024 * 1024;

/** A place that keeps blocks by their identifiers. */
export interface BlockStore {
  /** Returns a block; fails with `BlockNotFoundError` if the store does not have it. */
  getBlock(id: ContentId, signal?: AbortSignal): Promise<Uint8Array>;
  /** Stores a block. Storing it again has no effect. */
  putBlock(id: ContentId, block: Uint8Array): Promise<void>;
}

/** A store in memory: for tests, and to collect blocks before they are sent elsewhere. */
export class MemoryStore implements BlockStore {
  readonly #blocks = new Map<ContentId, Uint8Array>();

  async getBlock(id: ContentId): Promise<Uint8Array> {
    const block = this.#blocks.get(id);
    if (!block) throw new BlockNotFoundError(id, "the store in memory");
    return block;
  }

  async putBlock(id: ContentId, block: Uint8Array): Promise<void> {
    this.#blocks.set(id, block.slice());
  }

  /**
   * All blocks, in the order in which they were stored: a block follows the blocks that it links
   * to.
   */
  entries(): IterableIterator<[ContentId, Uint8Array]> {
    return this.#blocks.entries();
  }
}
