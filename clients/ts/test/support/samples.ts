/**
 * Values of the IDL's types, each different from the others, with their bytes. The encoder shares
 * no code with the generated one.
 */

import { getAddressDecoder } from "@solana/kit";

import { camelCase, fieldsOf, type Idl, type IdlField, type IdlType } from "./idl.ts";

/** A value as the generated code takes it, and its bytes. */
export interface Sample {
  value: unknown;
  bytes: number[];
}

const INTEGER_BYTES: Record<string, number> = {
  u8: 1,
  u16: 2,
  u32: 4,
  u64: 8,
  i64: 8,
  u128: 16,
};

/** Makes values with bytes that count up. */
export class Sampler {
  readonly #idl: Idl;
  #next = 1;

  constructor(idl: Idl) {
    this.#idl = idl;
  }

  /** A value of a type. */
  sample(type: IdlType): Sample {
    if (typeof type === "string") return this.#primitive(type);
    if ("array" in type) return this.#array(...type.array);
    if ("vec" in type) {
      const { value, bytes } = this.#array(type.vec, 2);
      return { value, bytes: [2, 0, 0, 0, ...bytes] };
    }
    if ("option" in type) {
      const { value, bytes } = this.sample(type.option);
      return { value, bytes: [1, ...bytes] };
    }

    const { name } = type.defined;
    const { kind, variants } = this.#idl.types.find((each) => each.name === name)!.type;
    if (kind === "struct") return this.struct(fieldsOf(this.#idl, name));
    const variant = this.#byte() % variants!.length;
    return { value: variant, bytes: [variant] };
  }

  /** A value of a struct. */
  struct(fields: readonly IdlField[]): Sample {
    const samples = fields.map(({ name, type }) => [camelCase(name), this.sample(type)] as const);
    return {
      value: Object.fromEntries(samples.map(([name, { value }]) => [name, value])),
      bytes: samples.flatMap(([, { bytes }]) => bytes),
    };
  }

  /** A new address. */
  address(): Sample & { value: string } {
    const bytes = this.#bytes(32);
    return { value: getAddressDecoder().decode(Uint8Array.from(bytes)), bytes };
  }

  #primitive(type: string): Sample {
    if (type === "pubkey") return this.address();
    if (type === "bool") return { value: true, bytes: [1] };

    const size = INTEGER_BYTES[type];
    if (size === undefined) throw new Error(`the type ${type} is new in the IDL`);
    const bytes = this.#bytes(size);
    const integer = bytes.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
    return { value: size >= 8 ? integer : Number(integer), bytes };
  }

  #array(item: IdlType, length: number): Sample {
    if (item === "u8") {
      const bytes = this.#bytes(length);
      return { value: Uint8Array.from(bytes), bytes };
    }
    const samples = Array.from({ length }, () => this.sample(item));
    return {
      value: samples.map(({ value }) => value),
      bytes: samples.flatMap(({ bytes }) => bytes),
    };
  }

  #bytes(length: number): number[] {
    return Array.from({ length }, () => this.#byte());
  }

  /** Stays below 128, so that signed integers are positive. */
  #byte(): number {
    this.#next = (this.#next * 5 + 3) % 127;
    return this.#next;
  }
}
