/** Accounts of a program, by the values of their fields. */

import {
  containsBytes,
  fetchEncodedAccount,
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

/**
 * Reads an account; undefined if it does not exist. Fails if the address has another type of
 * account.
 */
export async function findAccount<K extends AccountKind>(
  connection: Connection,
  kind: K,
  address: Address,
): Promise<FoundAccount<AccountData<K>> | undefined> {
  const commitment = commitmentOf(connection);
  const account = await callNode(() =>
    fetchEncodedAccount(connection.rpc, address, { commitment }),
  );
  if (!account.exists) return undefined;

  const { programAddress: owner, data } = account;
  if (owner !== kind.programAddress || !containsBytes(data, kind.discriminator, 0)) {
    throw new Error(`the account ${address} is not a ${kind.name}; program ${owner} owns it`);
  }
  return { address, data: (kind.getDecoder() as Decoder<AccountData<K>>).decode(data) };
}

/** Reads an account; fails if it does not exist. */
export async function fetchAccount<K extends AccountKind>(
  connection: Connection,
  kind: K,
  address: Address,
): Promise<FoundAccount<AccountData<K>>> {
  const account = await findAccount(connection, kind, address);
  if (!account) {
    throw new Error(`there is no ${kind.name} at ${address}; check the address and the cluster`);
  }
  return account;
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
