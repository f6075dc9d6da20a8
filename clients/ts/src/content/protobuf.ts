/**
 * The part of Protocol Buffers that blocks of IPFS use: numbers, and bytes with their length before
 * them.
 */

import { ContentError } from "./error.js";

/** The wire type of a number. */
const VARINT = 0;
/** The wire type of bytes. */
const BYTES = 2;

/** A field: its number, and its value. */
export type Field = { field: number; value: number | Uint8Array };

/** Encodes fields in their order. */
export function encodeFields(fields: readonly Field[]): Uint8Array {
  const parts = fields.flatMap(({ field, value }) =>
    typeof value === "number"
      ? [encodeVarint(field * 8 + VARINT), encodeVarint(value)]
      : [encodeVarint(field * 8 + BYTES), encodeVarint(value.length), value],
  );
  return concatenate(parts);
}

/** Decodes all fields of a message. */
export function decodeFields(message: Uint8Array): Field[] {
  const fields: Field[] = [];
  let at = 0;

  const readVarint = (): number => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = message[at++];
      if (byte === undefined) throw new ContentError("the block ends within a number");
      value += (byte & 0x7f) * shift;
      if (!Number.isSafeInteger(value))
        throw new ContentError("the block holds a number that is too large");
      if (byte < 0x80) return value;
    }
  };

  while (at < message.length) {
    const tag = readVarint();
    const field = Math.floor(tag / 8);
    switch (tag % 8) {
      case VARINT:
        fields.push({ field, value: readVarint() });
        break;
      case BYTES: {
        const length = readVarint();
        if (at + length > message.length) throw new ContentError("the block ends within a field");
        fields.push({ field, value: message.subarray(at, at + length) });
        at += length;
        break;
      }
      default:
        throw new ContentError(`the block has a field of the unknown type ${tag % 8}`);
    }
  }
  return fields;
}

/** Joins pieces of bytes. */
export function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

function encodeVarint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 128) | 0x80);
    rest = Math.floor(rest / 128);
  }
  return new Uint8Array([...bytes, rest]);
}
