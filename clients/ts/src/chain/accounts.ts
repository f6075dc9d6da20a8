/** Accounts of a program, by the values of their fields. */

import {
  getBase58Decoder,
  getBase64Encoder,
  type Address,
  type Base58EncodedBytes,
  type Decoder,
  type Encoder,
  type ReadonlyUint8Array,
} from "@solana/kit";

import { callNode, commitmentOf, type Connection } from "./connection.js";

/** How accounts of a type are found, such as `jobs.JOB_ACCOUNT`; generated from the IDL. */
export interface AccountKind<T = unknown> {
  readonly name: string;
  readonly programAddress: Address;
  readonly discriminator: ReadonlyUint8Array;
  readonly getDecoder: () => Decoder<T>;
  readonly fields: Readonly<
    Record<string, { readonly offset: number; readonly getEncoder: () => Encoder<never> }>
  >;
}

/** Values that fields must have. Nodes accept four filters at most, and the type takes one. */
export type AccountFilter<K extends AccountKind> = {
  [F in keyof K["fields"]]?: EncoderInput<ReturnType<K["fields"][F]["getEncoder"]>>;
};

type EncoderInput<E> = E extends Encoder<infer T> ? T : never;

/** The decoded data of accounts of a type. */
export type AccountData<K extends AccountKind> = K extends AccountKind<infer T> ? T : never;

/** An account and its data. */
export interface FoundAccount<T> {
  address: Address;
  data: T;
}

/** Lists the accounts of a type whose fields have these values. */
export async function listAccounts<K extends AccountKind>(
  connection: Connection,
  kind: K,
  filter: AccountFilter<K> = {},
): Promise<FoundAccount<AccountData<K>>[]> {
  const filters = memcmpFilters(kind, filter);
  const commitment = commitmentOf(connection);
  const found = await callNode(() =>
    connection.rpc
      .getProgramAccounts(kind.programAddress, { commitment, encoding: "base64", filters })
      .send(),
  );

  const decoder = kind.getDecoder() as Decoder<AccountData<K>>;
  return found.map(({ pubkey, account }) => ({
    address: pubkey,
    data: decoder.decode(getBase64Encoder().encode(account.data[0])),
  }));
}

/** The filters of `getProgramAccounts` for a type and values of its fields. */
export function memcmpFilters<K extends AccountKind>(kind: K, filter: AccountFilter<K>) {
  const conditions = [{ offset: 0, bytes: kind.discriminator }];

  for (const [name, value] of Object.entries(filter)) {
    if (value === undefined) continue;
    const field = kind.fields[name];
    if (!field) throw new Error(`${kind.name} accounts cannot be filtered by ${name}`);
    conditions.push({ offset: field.offset, bytes: field.getEncoder().encode(value as never) });
  }

  return conditions.map(({ offset, bytes }) => ({
    memcmp: {
      offset: BigInt(offset),
      bytes: getBase58Decoder().decode(bytes) as Base58EncodedBytes,
      encoding: "base58" as const,
    },
  }));
}
