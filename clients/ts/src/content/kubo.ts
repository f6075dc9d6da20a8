/** The store behind an IPFS node: the HTTP API that Kubo serves. */

import { BlockNotFoundError, ContentError } from "./error.js";
import type { ContentId } from "./identifier.js";
import { MAX_BLOCK_BYTES, type BlockStore } from "./store.js";

/**
 * The default of the longest time of one call, in seconds. Finding a block in the network takes
 * time.
 */
const CALL_SECONDS = 60;
/**
 * The node gets this much less time than the call, so that its own, more specific error arrives.
 */
const MARGIN_SECONDS = 5;
/** The longest part of the node's error that ours repeats. */
const QUOTED_CHARACTERS = 300;
/** How Kubo says that a block cannot be found in time. */
const NOT_FOUND = /not found|context deadline exceeded|could not find|timed out/i;

/**
 * The blocks of an IPFS node and of the network behind it. `url` is the address of its HTTP API,
 * such as `http://127.0.0.1:5001`. Stored blocks are pinned. A browser reaches the API only if the
 * node's configuration allows the page's origin (`API.HTTPHeaders.Access-Control-Allow-Origin`).
 */
export class KuboStore implements BlockStore {
  readonly #url: string;
  readonly #callSeconds: number;

  /** `callSeconds` bounds each call; it must be more than five. */
  constructor(url: string, { callSeconds = CALL_SECONDS }: { callSeconds?: number } = {}) {
    this.#url = url.replace(/\/+$/, "");
    this.#callSeconds = callSeconds;
  }

  async getBlock(id: ContentId, signal?: AbortSignal): Promise<Uint8Array> {
    const query = `arg=${encodeURIComponent(id)}&timeout=${this.#callSeconds - MARGIN_SECONDS}s`;
    const response = await this.#call(`block/get?${query}`, { signal });

    if (!response.ok) {
      const reason = await quoteError(response);
      if (NOT_FOUND.test(reason)) throw new BlockNotFoundError(id, `the IPFS node at ${this.#url}`);
      throw new ContentError(
        `the IPFS node at ${this.#url} cannot read the block ${id}: ${reason}`,
      );
    }
    const block = new Uint8Array(await response.arrayBuffer());
    if (block.length > MAX_BLOCK_BYTES)
      throw new ContentError(`the block ${id} has ${block.length} bytes`);
    return block;
  }

  async putBlock(id: ContentId, block: Uint8Array): Promise<void> {
    const form = new FormData();
    form.append("data", new Blob([block as BlobPart]), "block");
    const query = "cid-codec=dag-pb&mhtype=sha2-256&pin=true";
    const response = await this.#call(`block/put?${query}`, { body: form });

    if (!response.ok) {
      const reason = await quoteError(response);
      throw new ContentError(
        `the IPFS node at ${this.#url} cannot store the block ${id}: ${reason}`,
      );
    }
    await response.body?.cancel();
  }

  async #call(
    path: string,
    { body, signal }: { body?: FormData; signal?: AbortSignal | undefined },
  ): Promise<Response> {
    const timeout = AbortSignal.timeout(this.#callSeconds * 1000);
    const both = signal ? AbortSignal.any([signal, timeout]) : timeout;

    try {
      return await fetch(`${this.#url}/api/v0/${path}`, {
        method: "POST",
        body: body ?? null,
        signal: both,
      });
    } catch (cause) {
      signal?.throwIfAborted();
      throw new ContentError(
        `the IPFS node at ${this.#url} does not answer; check that its HTTP API is there`,
        {
          cause,
        },
      );
    }
  }
}

async function quoteError(response: Response): Promise<string> {
  const text = await response.text().catch(() => "");
  return `${response.status} ${text.trim().slice(0, QUOTED_CHARACTERS)}`;
}
