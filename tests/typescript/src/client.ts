/** A client of the marketplace that is built at run time from nothing but `idl/jobs.json`. */

import { readFileSync } from "node:fs";

import { AnchorProvider, EventParser, type Idl, Program, Wallet, utils, web3 } from "@anchor-lang/core";
import BN from "bn.js";

import { deriveAddress } from "./address.ts";
import type { NetworkInfo } from "./network.ts";

export type PublicKey = web3.PublicKey;

/** A value of an enum in the IDL: Anchor's client writes `{ settled: {} }`. */
export type Variant = Record<string, object>;

/** Returns the name of an enum's value. */
export function nameOf(value: Variant): string {
  return Object.keys(value)[0] ?? "";
}

/** The number of a completed job in events: its place in the IDL's enum `Reason`. */
export const COMPLETED = 1;
/** The kind of a job that delivers a result. */
export const BATCH: Variant = { batch: {} };

/** What these tests read of a job account. Anchor's client turns the IDL's names into camel case. */
export interface Job {
  client: PublicKey;
  payer: PublicKey;
  payerToken: PublicKey;
  market: PublicKey;
  node: PublicKey;
  nodeToken: PublicKey;
  definition: number[];
  result: number[];
  nonce: BN;
  pricePerSecond: BN;
  timeoutSeconds: BN;
  attemptId: BN;
  escrow: BN;
  nodeCredit: BN;
  payerCredit: BN;
  startedAt: BN;
  submittedAt: BN;
  settledAt: BN;
  networkFeeBps: number;
  state: Variant;
  reason: Variant;
  kind: Variant;
}

/** What these tests read of a market account. */
export interface Market {
  terms: { pricePerSecond: BN; maxTimeoutSeconds: BN };
}

/** A queue account with its cells. */
export interface Queue {
  feesAccrued: BN;
  live: number;
  side: Variant;
  cells: { address: PublicKey; pricePerSecond: BN; previous: number; next: number }[];
}

/** An event, named as in the IDL but for the first letter. */
export interface Event {
  name: string;
  data: Record<string, unknown>;
}

/** What a client decides about a job. */
export interface Order {
  nonce: number;
  definition: number[];
  kind: Variant;
  timeoutSeconds: number;
  maxPricePerSecond: number;
}

export function readIdl(name: "jobs" | "staking" | "rewards"): Idl {
  const text = readFileSync(new URL(`../../../idl/${name}.json`, import.meta.url), "utf8");
  return JSON.parse(text) as Idl;
}

/** The program of an IDL, called by `wallet` over `connection`. */
export function openProgram(idl: Idl, connection: web3.Connection, wallet: web3.Keypair): Program {
  const provider = new AnchorProvider(connection, new Wallet(wallet), { commitment: "confirmed" });
  return new Program(idl, provider);
}

export class Client {
  readonly idl = readIdl("jobs");
  readonly wallet: web3.Keypair;
  readonly market: PublicKey;
  readonly queue: PublicKey;
  readonly vault: PublicKey;
  /** The wallet's account for NOS. */
  readonly tokens: PublicKey;
  readonly #connection: web3.Connection;
  readonly #program: Program;

  constructor(network: NetworkInfo, wallet: web3.Keypair) {
    this.wallet = wallet;
    this.#connection = new web3.Connection(network.rpc_url, { commitment: "confirmed", wsEndpoint: network.ws_url });
    this.#program = openProgram(this.idl, this.#connection, wallet);
    this.market = new web3.PublicKey(network.market);
    this.queue = deriveAddress(this.idl, "open_market", "queue", { market: this.market });
    this.vault = deriveAddress(this.idl, "open_market", "vault", { market: this.market });
    this.tokens = tokenAccount(wallet.publicKey, new web3.PublicKey(network.nos_mint));
  }

  /** The address of this client's job with that nonce. */
  jobAddress(nonce: number): PublicKey {
    return deriveAddress(this.idl, "list", "job", { client: this.wallet.publicKey, nonce: new BN(nonce) });
  }

  /** The call that lists a job. Anchor's client adds the signers, and derives all accounts but the market. */
  list(order: Order) {
    return this.method("list")(
      new BN(order.nonce),
      order.definition,
      order.kind,
      new BN(order.timeoutSeconds),
      new BN(order.maxPricePerSecond),
      false,
    ).accountsPartial({ market: this.market });
  }

  /** The call that withdraws a job. Anchor's client looks up all accounts from the job and its market. */
  cancel(job: PublicKey) {
    return this.method("cancel")(0).accountsPartial({ job });
  }

  /** The call that accepts a submitted result before its challenge window is over. */
  accept(job: PublicKey, stored: Job) {
    return this.method("accept")(stored.attemptId).accountsPartial({ job });
  }

  /** The builder of an instruction, by its name in the IDL in camel case. */
  method(name: string) {
    const method = this.#program.methods[name];
    if (!method) throw new Error(`idl/jobs.json has no instruction ${name}`);
    return method;
  }

  /** Reads and decodes an account; `type` is its name in the IDL in camel case. */
  async read<T>(type: "job" | "market" | "queueHeader", address: PublicKey): Promise<T> {
    const account = await this.#connection.getAccountInfo(address);
    if (!account) throw new Error(`there is no ${type} at ${address}`);
    if (!account.owner.equals(this.#program.programId)) throw new Error(`${address} belongs to ${account.owner}`);
    return this.#program.coder.accounts.decode<T>(type, account.data);
  }

  /** Base units in a token account. */
  async balance(tokenAccount: PublicKey): Promise<bigint> {
    return BigInt((await this.#connection.getTokenAccountBalance(tokenAccount)).value.amount);
  }

  /** Calls `hear` with the events of this name that the network pushes, until the returned function is called. */
  listen(name: string, hear: (data: Event["data"]) => void): () => Promise<void> {
    const id = this.#program.addEventListener(name, hear);
    return () => this.#program.removeEventListener(id);
  }

  /** The program's events in the transactions that named `address`, oldest first. */
  async events(address: PublicKey): Promise<Event[]> {
    const parser = new EventParser(this.#program.programId, this.#program.coder);
    const transactions = await this.#connection.getSignaturesForAddress(address, {}, "confirmed");
    const events: Event[] = [];
    for (const { signature, err } of transactions.reverse()) {
      if (err) continue;
      const found = await this.#connection.getTransaction(signature, {
        commitment: "confirmed",
        maxSupportedTransactionVersion: 0,
      });
      events.push(...parser.parseLogs(found?.meta?.logMessages ?? []));
    }
    return events;
  }
}

/** The token account for NOS of a wallet. */
export function tokenAccount(owner: PublicKey, mint: PublicKey): PublicKey {
  return utils.token.associatedAddress({ mint, owner });
}
