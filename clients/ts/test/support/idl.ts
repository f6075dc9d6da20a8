/** The IDL files, read without Codama: the tests compare the generated code with them. */

import { readFileSync } from "node:fs";

/** A type of the IDL. */
export type IdlType =
  | string
  | { array: [IdlType, number] }
  | { vec: IdlType }
  | { option: IdlType }
  | { defined: { name: string } };

/** A field or an argument. */
export interface IdlField {
  name: string;
  type: IdlType;
}

/** An account of an instruction. */
export interface IdlAccountMeta {
  name: string;
  address?: string;
  optional?: boolean;
  signer?: boolean;
  writable?: boolean;
}

/** What these tests read of an IDL. */
export interface Idl {
  address: string;
  metadata: { name: string };
  instructions: {
    name: string;
    discriminator: number[];
    accounts: IdlAccountMeta[];
    args: IdlField[];
  }[];
  accounts: { name: string; discriminator: number[] }[];
  events: { name: string; discriminator: number[] }[];
  errors: { code: number; name: string; msg: string }[];
  types: { name: string; type: { kind: string; fields?: IdlField[]; variants?: unknown[] } }[];
}

export const PROGRAMS = ["jobs", "staking", "rewards"] as const;
export type ProgramName = (typeof PROGRAMS)[number];

/** Reads `idl/NAME.json`. */
export function readIdl(name: ProgramName): Idl {
  const url = new URL(`../../../../idl/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, "utf8")) as Idl;
}

/** `open_market` to `openMarket`. */
export function camelCase(name: string): string {
  return name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** `open_market` to `OpenMarket`. */
export function pascalCase(name: string): string {
  const camel = camelCase(name);
  return camel.slice(0, 1).toUpperCase() + camel.slice(1);
}

/** The fields of a struct of the IDL. */
export function fieldsOf(idl: Idl, name: string): IdlField[] {
  const found = idl.types.find((type) => type.name === name);
  if (!found?.type.fields) throw new Error(`the IDL has no struct ${name}`);
  return found.type.fields;
}
