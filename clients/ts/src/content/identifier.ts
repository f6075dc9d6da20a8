/**
 * Identifiers of content: CIDv0, as `ipfs add` prints them. The chain stores the 32 bytes of the
 * hash.
 */

import { getBase58Decoder, getBase58Encoder, type ReadonlyUint8Array } from "@solana/kit";

import { ContentError } from "./error.js";

/**
 * The identifier of a file or a block, such as `QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o`.
 */
export type ContentId = string;

/** What precedes the hash in a CIDv0: the code of sha2-256, and the length. */
const PREFIX = [0x12, 0x20] as const;
/** Bytes of a sha2-256. */
export const DIGEST_BYTES = 32;

/** Returns the identifier of the content with this hash. */
export function toContentId(digest: ReadonlyUint8Array): ContentId {
  if (digest.length !== DIGEST_BYTES) {
    throw new ContentError(`a digest has ${DIGEST_BYTES} bytes, not ${digest.length}`);
  }
  return getBase58Decoder().decode(new Uint8Array([...PREFIX, ...digest]));
}

/**
 * Returns the hash in an identifier. Only CIDv0 is accepted: it is the one form that the chain can
 * store.
 */
export function toDigest(id: ContentId): Uint8Array {
  const bytes = decodeBase58(id);
  if (
    bytes?.length !== PREFIX.length + DIGEST_BYTES ||
    !PREFIX.every((byte, at) => bytes[at] === byte)
  ) {
    throw new ContentError(
      `\`${id}\` is not a CIDv0; \`ipfs add --cid-version 0\` prints one, beginning with Qm`,
    );
  }
  return bytes.slice(PREFIX.length);
}

/** Returns the identifier of a block: its sha2-256. */
export async function identifyBlock(block: Uint8Array): Promise<ContentId> {
  return toContentId(new Uint8Array(await crypto.subtle.digest("SHA-256", block as BufferSource)));
}

/** Whether a digest on the chain is set: zero bytes mean that there is none. */
export function isSet(digest: ReadonlyUint8Array): boolean {
  return digest.some((byte) => byte !== 0);
}

function decodeBase58(text: string): Uint8Array | undefined {
  try {
    return new Uint8Array(getBase58Encoder().encode(text));
  } catch {
    return undefined;
  }
}
