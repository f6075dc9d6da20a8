/** The client of the marketplace. */

import type { Address, Instruction } from "@solana/kit";

import {
  listAccounts,
  type AccountData,
  type AccountFilter,
  type AccountKind,
  type FoundAccount,
} from "../chain/accounts.js";
import { fetchHistory, type LoggedTransaction } from "../chain/history.js";
import { monitorTransactions } from "../chain/monitor.js";
import { fetchQueue, type MarketQueue } from "../chain/queue.js";
import { JOB_ACCOUNT } from "../generated/jobs/accountKinds.js";
import type { Job } from "../generated/jobs/accounts/job.js";
import { NOSANA_JOBS_PROGRAM_ADDRESS } from "../generated/jobs/programs/index.js";
import type { SendOptions } from "../transaction/message.js";
import type { Receipt } from "../transaction/send.js";
import { Context, type ClientOptions } from "./context.js";
import { DelegationClient } from "./delegationClient.js";
import { JobsClient } from "./jobsClient.js";
import { MarketClient } from "./marketClient.js";
import { NodeClient } from "./nodeClient.js";
import { StakerClient } from "./stakerClient.js";

/**
 * A client: what clients of the marketplace do, and what the other roles do as `node`, `staker`,
 * `delegation` and `market`.
 */
export class Client extends JobsClient {
  /** The signer as a node. */
  readonly node: NodeClient;
  /** The signer as a staker. */
  readonly staker: StakerClient;
  /** The signer as a delegator, or as the owner of a stake that others delegate to. */
  readonly delegation: DelegationClient;
  /** The signer as a market's authority, or as anyone who calls what is due. */
  readonly market: MarketClient;
  readonly #context: Context;

  constructor(context: Context) {
    super(context);
    this.#context = context;
    this.node = new NodeClient(context);
    this.staker = new StakerClient(context);
    this.delegation = new DelegationClient(context);
    this.market = new MarketClient(context);
  }

  /** Returns the mint of NOS. */
  async fetchMint(): Promise<Address> {
    return await this.#context.fetchMint();
  }

  /** Reads a job. */
  async fetchJob(address: Address): Promise<Job> {
    return (await this.#context.fetchJob(address)).data;
  }

  /**
   * Lists the jobs whose fields have these values, such as `{ client, state: JobState.Running }`.
   */
  async listJobs(filter: AccountFilter<typeof JOB_ACCOUNT> = {}): Promise<FoundAccount<Job>[]> {
    return await listAccounts(this.#context.options, JOB_ACCOUNT, filter);
  }

  /**
   * Lists the accounts of any type, such as `jobs.NODE_ACCOUNT`, whose fields have these values.
   */
  async listAccounts<K extends AccountKind>(
    kind: K,
    filter: AccountFilter<K> = {},
  ): Promise<FoundAccount<AccountData<K>>[]> {
    return await listAccounts(this.#context.options, kind, filter);
  }

  /** Reads the queue of a market. */
  async fetchQueue(market: Address): Promise<MarketQueue> {
    return await fetchQueue(this.#context.options, market);
  }

  /** Returns the past transactions that name an address, with their events, the oldest first. */
  async fetchHistory(
    address: Address,
    options: { limit?: number } = {},
  ): Promise<LoggedTransaction[]> {
    return await fetchHistory(this.#context.options, address, options);
  }

  /**
   * Yields the transactions that name an address, with their events, as they happen; all of the
   * jobs program unless it is set.
   */
  monitor({
    address = NOSANA_JOBS_PROGRAM_ADDRESS,
    signal,
  }: MonitorOptions): AsyncGenerator<LoggedTransaction, void> {
    return monitorTransactions(this.#context.options, address, signal);
  }

  /** Sends any instructions as one transaction, such as those of `actions`. */
  async send(instructions: readonly Instruction[], options?: SendOptions): Promise<Receipt> {
    return await this.#context.send(instructions, options);
  }
}

/** Options of monitoring. */
export interface MonitorOptions {
  /** What the transactions must name, such as a market or a job. */
  address?: Address;
  /** Ends the monitoring. */
  signal: AbortSignal;
}

/** Makes a client. */
export function createClient(options: ClientOptions): Client {
  return new Client(new Context(options));
}
