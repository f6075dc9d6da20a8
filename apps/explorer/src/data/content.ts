/** Content by its hash, from an endpoint in the form of a trustless IPFS gateway. */

import {
  BlockNotFoundError,
  ContentError,
  toDigest,
  type BlockStore,
  type ContentId,
} from "@nosana-programs/client";

/** The largest block that the endpoint may send. */
const MAX_BLOCK_BYTES = 2 * 1024 * 1024;
const TIMEOUT_MS = 30_000;
/** The endpoint learns neither who reads nor from where. */
const PRIVATE = { credentials: "omit", referrerPolicy: "no-referrer" } as const;

/**
 * The blocks behind `GET /ipfs/CID?format=raw` and `PUT /ipfs/CID`. The endpoint is not trusted:
 * who reads a file verifies the hash of each block.
 */
export class GatewayStore implements BlockStore {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async getBlock(id: ContentId, signal?: AbortSignal): Promise<Uint8Array> {
    const headers = { accept: "application/vnd.ipld.raw" };
    const response = await this.#call(id, "?format=raw", { headers }, signal);

    if (response.status === 404) throw new BlockNotFoundError(id, `the endpoint ${this.#url}`);
    if (!response.ok) {
      throw new ContentError(`the endpoint ${this.#url} answers ${response.status} for ${id}`);
    }
    return await readBounded(response, id);
  }

  async putBlock(id: ContentId, block: Uint8Array): Promise<void> {
    const headers = { "content-type": "application/vnd.ipld.raw" };
    const body = block as BodyInit;
    const response = await this.#call(id, "", { method: "PUT", headers, body });
    if (response.ok) return;
    throw new ContentError(
      `the endpoint ${this.#url} does not store content: it answers ${response.status}`,
    );
  }

  async #call(
    id: ContentId,
    query: string,
    request: RequestInit,
    signal?: AbortSignal,
  ): Promise<Response> {
    // Fails on anything else, which could name another address of the endpoint.
    toDigest(id);
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    const both = signal ? AbortSignal.any([signal, timeout]) : timeout;
    try {
      const options = { ...request, signal: both, ...PRIVATE };
      return await fetch(`${this.#url}/ipfs/${id}${query}`, options);
    } catch (cause) {
      signal?.throwIfAborted();
      throw new ContentError(
        `the content endpoint ${this.#url} does not answer; check its address, ` +
          "and that it allows this page",
        { cause },
      );
    }
  }
}

/** Reads a block, and stops where it is larger than any block may be. */
async function readBounded(response: Response, id: ContentId): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done) break;
    size += value.length;
    if (size > MAX_BLOCK_BYTES) {
      await reader?.cancel();
      throw new ContentError(`the block ${id} is larger than 2 MiB`);
    }
    parts.push(value);
  }

  const block = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    block.set(part, at);
    at += part.length;
  }
  return block;
}
