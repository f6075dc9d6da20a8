/** Accounts of one type, by address. They are decoded when they are first read. */

import { signal } from "@preact/signals";
import type { Address, Decoder } from "@solana/kit";

interface Entry<T> {
  bytes: Uint8Array;
  decoded: T | undefined;
}

/** The accounts of one type. */
export class AccountTable<T> {
  /** Counts the changes; reading it subscribes to them. */
  readonly version = signal(0);
  readonly #entries = new Map<Address, Entry<T>>();
  readonly #decode: (bytes: Uint8Array) => T;

  constructor(decoder: Pick<Decoder<T>, "decode"> | ((bytes: Uint8Array) => T)) {
    this.#decode = typeof decoder === "function" ? decoder : (bytes) => decoder.decode(bytes);
  }

  get size(): number {
    void this.version.value;
    return this.#entries.size;
  }

  /** Returns an account; undefined if it does not exist. */
  get(address: Address): T | undefined {
    void this.version.value;
    return this.#read(this.#entries.get(address));
  }

  /** The addresses and accounts, in no certain order. */
  *entries(): IterableIterator<[Address, T]> {
    void this.version.value;
    for (const [address, entry] of this.#entries) {
      const account = this.#read(entry);
      if (account !== undefined) yield [address, account];
    }
  }

  *values(): IterableIterator<T> {
    for (const [, account] of this.entries()) yield account;
  }

  /** Stores an account without a notice: call `announce` once all changes are made. */
  set(address: Address, bytes: Uint8Array): void {
    this.#entries.set(address, { bytes, decoded: undefined });
  }

  /** Forgets an account; returns whether it was known. */
  delete(address: Address): boolean {
    return this.#entries.delete(address);
  }

  clear(): void {
    this.#entries.clear();
  }

  announce(): void {
    this.version.value += 1;
  }

  #read(entry: Entry<T> | undefined): T | undefined {
    if (!entry) return undefined;
    try {
      return (entry.decoded ??= this.#decode(entry.bytes));
    } catch {
      // An account of a layout that this page does not know.
      return undefined;
    }
  }
}
