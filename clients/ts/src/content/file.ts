/**
 * Files to blocks and back. The identifiers are those of `ipfs add`, and every block is verified by
 * its hash.
 */

import { decodeBlock, encodeLeaf, encodeParent, identifyLink, type BlockLink } from "./block.js";
import { ContentError } from "./error.js";
import { identifyBlock, type ContentId } from "./identifier.js";
import { concatenate } from "./protobuf.js";
import type { BlockStore } from "./store.js";

/** The bytes of content in one block, as `ipfs add` cuts files for CIDv0. */
const CHUNK_BYTES = 262_144;
/** The links in one block, as `ipfs add` makes it for CIDv0. */
const LINKS_PER_BLOCK = 174;
/** Bytes that the blocks of a file may have in addition to twice its content. */
const SPARE_BYTES = 4 * 1024 * 1024;
/** Blocks that a file may have in addition to one for each KiB. */
const SPARE_BLOCKS = 1024;
/** The default of the largest file that is read. */
export const MAX_FILE_BYTES = 16 * 1024 * 1024;

/** Where blocks go: to a store, or nowhere when only the identifier is wanted. */
type PutBlock = (id: ContentId, block: Uint8Array) => Promise<void>;

/**
 * Stores bytes as a file and returns its identifier. Blocks are stored before the blocks that link
 * to them.
 */
export async function writeFile(store: BlockStore, bytes: Uint8Array): Promise<ContentId> {
  return await importFile(bytes, (id, block) => store.putBlock(id, block));
}

/** Returns the identifier of bytes as a file, without storing them. */
export async function identifyFile(bytes: Uint8Array): Promise<ContentId> {
  return await importFile(bytes, async () => {});
}

/**
 * Reads a file of at most `maxBytes`. The hash of every block is verified, so the store is not
 * trusted: it can refuse the content, but not change it.
 */
export async function readFile(
  store: BlockStore,
  id: ContentId,
  { maxBytes = MAX_FILE_BYTES, signal }: { maxBytes?: number; signal?: AbortSignal } = {},
): Promise<Uint8Array> {
  // A small hostile tree can unfold into endless blocks without content: blocks and their bytes
  // have bounds, too.
  let bytesLeft = 2 * maxBytes + SPARE_BYTES;
  let blocksLeft = SPARE_BLOCKS + maxBytes / 1024;
  const parts: Uint8Array[] = [];
  let size = 0;

  const visit = async (block: ContentId): Promise<number> => {
    signal?.throwIfAborted();
    const bytes = await fetchVerified(store, block, signal);
    bytesLeft -= bytes.length;
    blocksLeft -= 1;
    const { content, links, contentBytes } = decodeBlock(bytes);
    if (bytesLeft < 0 || blocksLeft < links.length)
      throw new ContentError(`${id} has too many blocks for its content`);

    size += content.length;
    if (size > maxBytes || contentBytes > maxBytes) {
      throw new ContentError(
        `${id} has more than ${maxBytes} bytes; raise \`maxBytes\` to read it`,
      );
    }
    parts.push(content);
    for (const link of links) await visit(identifyLink(link));
    return contentBytes;
  };

  const declared = await visit(id);
  if (size !== declared) throw new ContentError(`${id} has ${size} bytes but declares ${declared}`);
  return concatenate(parts);
}

async function fetchVerified(
  store: BlockStore,
  id: ContentId,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const block = await store.getBlock(id, signal);
  const actual = await identifyBlock(block);
  if (actual !== id)
    throw new ContentError(`the block ${id} is damaged or forged: it hashes to ${actual}`);
  return block;
}

async function importFile(bytes: Uint8Array, put: PutBlock): Promise<ContentId> {
  let level: BlockLink[] = [];
  for (let at = 0; at === 0 || at < bytes.length; at += CHUNK_BYTES) {
    const content = bytes.subarray(at, at + CHUNK_BYTES);
    level.push(await linkTo(encodeLeaf(content), content.length, 0, put));
  }

  while (level.length > 1) {
    const parents: BlockLink[] = [];
    for (let at = 0; at < level.length; at += LINKS_PER_BLOCK) {
      const links = level.slice(at, at + LINKS_PER_BLOCK);
      const sum = (amount: (link: BlockLink) => number) =>
        links.reduce((total, link) => total + amount(link), 0);
      const contentBytes = sum((link) => link.contentBytes);
      parents.push(
        await linkTo(
          encodeParent(links),
          contentBytes,
          sum((link) => link.totalBytes),
          put,
        ),
      );
    }
    level = parents;
  }

  const [root] = level;
  if (!root) throw new ContentError("the file has no root");
  return root.id;
}

async function linkTo(
  block: Uint8Array,
  contentBytes: number,
  belowBytes: number,
  put: PutBlock,
): Promise<BlockLink> {
  const id = await identifyBlock(block);
  await put(id, block);
  return { id, contentBytes, totalBytes: block.length + belowBytes };
}
