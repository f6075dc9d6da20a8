/**
 * An account whose fields are read from its bytes when they are needed: tens of thousands of
 * accounts cost little more than their bytes.
 */

import { getBase58Decoder, type Address } from "@solana/kit";

interface FieldPlace {
  readonly offset: number;
}

const ADDRESS_BYTES = 32;
/** Markets, clients and nodes recur: each is encoded once. */
const known = new Map<string, Address>();
const MAX_KNOWN = 50_000;

export class AccountView {
  /** The whole account, or the account that this is a part of. */
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  /** Where the fields are counted from. */
  readonly #start: number;

  /** Views an account, or the part of it that begins at `start`. */
  constructor(account: Uint8Array | AccountView, start = 0) {
    this.#start = start;
    if (account instanceof AccountView) {
      this.bytes = account.bytes;
      this.#view = account.#view;
    } else {
      this.bytes = account;
      this.#view = new DataView(account.buffer, account.byteOffset, account.byteLength);
    }
  }

  protected readU8({ offset }: FieldPlace): number {
    return this.#view.getUint8(this.#start + offset);
  }

  protected readU16({ offset }: FieldPlace): number {
    return this.#view.getUint16(this.#start + offset, true);
  }

  protected readU32({ offset }: FieldPlace): number {
    return this.#view.getUint32(this.#start + offset, true);
  }

  protected readU64({ offset }: FieldPlace): bigint {
    return this.#view.getBigUint64(this.#start + offset, true);
  }

  protected readI64({ offset }: FieldPlace): bigint {
    return this.#view.getBigInt64(this.#start + offset, true);
  }

  protected readAddress({ offset }: FieldPlace): Address {
    const from = this.#start + offset;
    const bytes = this.bytes.subarray(from, from + ADDRESS_BYTES);
    const key = String.fromCharCode(...bytes);

    let address = known.get(key);
    if (address === undefined) {
      address = getBase58Decoder().decode(bytes) as Address;
      if (known.size >= MAX_KNOWN) known.clear();
      known.set(key, address);
    }
    return address;
  }
}
