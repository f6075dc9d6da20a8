/** Blocks of files: UnixFS in dag-pb, as `ipfs add` writes them for CIDv0. */

import { ContentError } from "./error.js";
import { DIGEST_BYTES, toContentId, toDigest, type ContentId } from "./identifier.js";
import { decodeFields, encodeFields, type Field } from "./protobuf.js";

/** A link to a part of the file. */
export interface BlockLink {
  id: ContentId;
  /** Bytes of the file's content below the link. */
  contentBytes: number;
  /** Bytes of all blocks below the link. */
  totalBytes: number;
}

/** A decoded block: a piece of content, or links to the blocks that hold it. */
export interface FileBlock {
  content: Uint8Array;
  /** Encoded: see `identifyLink`. A hostile block has more links than anybody follows. */
  links: Field["value"][];
  /** Bytes of content in the block and below it, as the block declares them. */
  contentBytes: number;
}

/** The types of UnixFS nodes that hold content. */
const UNIXFS_RAW = 0;
const UNIXFS_FILE = 2;
/** Fields of UnixFS. */
const DATA = { type: 1, content: 2, contentBytes: 3, linkedBytes: 4 } as const;
/** Fields of a dag-pb node, and of its links. */
const NODE = { data: 1, link: 2 } as const;
const LINK = { hash: 1, name: 2, totalBytes: 3 } as const;
/** Links have no names in files. */
const NO_NAME = new Uint8Array();

/** Encodes a block that holds content. An empty file has no field for it. */
export function encodeLeaf(content: Uint8Array): Uint8Array {
  const data: Field[] = [{ field: DATA.type, value: UNIXFS_FILE }];
  if (content.length > 0) data.push({ field: DATA.content, value: content });
  data.push({ field: DATA.contentBytes, value: content.length });

  return encodeFields([{ field: NODE.data, value: encodeFields(data) }]);
}

/** Encodes a block that links to others, in the order of their content. */
export function encodeParent(links: readonly BlockLink[]): Uint8Array {
  const contentBytes = links.reduce((sum, link) => sum + link.contentBytes, 0);
  const data = encodeFields([
    { field: DATA.type, value: UNIXFS_FILE },
    { field: DATA.contentBytes, value: contentBytes },
    ...links.map((link) => ({ field: DATA.linkedBytes, value: link.contentBytes })),
  ]);

  return encodeFields([
    ...links.map((link) => ({ field: NODE.link, value: encodeLink(link) })),
    { field: NODE.data, value: data },
  ]);
}

/** Decodes a block; fails if it is not a part of a file. */
export function decodeBlock(block: Uint8Array): FileBlock {
  const fields = decodeFields(block);
  const links = fields.filter(({ field }) => field === NODE.link).map(({ value }) => value);
  const data = decodeFields(requireBytes(fields, NODE.data, "data"));

  const type = numberOf(data, DATA.type);
  if (type !== UNIXFS_FILE && type !== UNIXFS_RAW) {
    throw new ContentError(`it is not a file, but a UnixFS node of type ${type ?? "unknown"}`);
  }

  const content = data.find(({ field }) => field === DATA.content)?.value ?? new Uint8Array();
  if (typeof content === "number") throw new ContentError("the block's content is a number");
  return { content, links, contentBytes: numberOf(data, DATA.contentBytes) ?? content.length };
}

function encodeLink({ id, totalBytes }: BlockLink): Uint8Array {
  return encodeFields([
    { field: LINK.hash, value: new Uint8Array([0x12, DIGEST_BYTES, ...toDigest(id)]) },
    { field: LINK.name, value: NO_NAME },
    { field: LINK.totalBytes, value: totalBytes },
  ]);
}

/** Returns the identifier in a link; fails if it is not one. */
export function identifyLink(link: Field["value"]): ContentId {
  if (typeof link === "number") throw new ContentError("a link of the block is a number");
  const hash = requireBytes(decodeFields(link), LINK.hash, "hash");

  const isSha256 = hash.length === 2 + DIGEST_BYTES && hash[0] === 0x12 && hash[1] === DIGEST_BYTES;
  if (!isSha256) throw new ContentError("a link of the block is not a CIDv0");
  return toContentId(hash.slice(2));
}

function requireBytes(fields: Field[], field: number, what: string): Uint8Array {
  const value = fields.find((each) => each.field === field)?.value;
  if (!(value instanceof Uint8Array)) throw new ContentError(`the block has no ${what}`);
  return value;
}

function numberOf(fields: Field[], field: number): number | undefined {
  const value = fields.find((each) => each.field === field)?.value;
  return typeof value === "number" ? value : undefined;
}
