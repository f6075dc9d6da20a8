/** What clients do: list jobs, wait for them, read their results, and end them. */

import type { Address } from "@solana/kit";

import * as actions from "../actions/index.js";
import { fetchAccount } from "../chain/accounts.js";
import { findConfigAddress, findJobAddress, randomNonce } from "../chain/addresses.js";
import { findCell, fetchQueue } from "../chain/queue.js";
import { toDigest } from "../content/identifier.js";
import { writeJson } from "../content/json.js";
import { CONFIG_ACCOUNT, MARKET_ACCOUNT } from "../generated/jobs/accountKinds.js";
import type { Job } from "../generated/jobs/accounts/job.js";
import type { SendOptions } from "../transaction/message.js";
import type { Receipt } from "../transaction/send.js";
import type { Context } from "./context.js";
import { findNodeAuthority } from "./holder.js";
import { jobDeposit } from "./money.js";
import type { JobQuote, ListedJob, ListRequest, PostRequest } from "./requests.js";
import { readJobResult, type JobResult } from "./results.js";
import { hasResult, waitForAccount, type WaitOptions } from "./wait.js";

/** The part of a client that controls jobs. */
export class JobsClient {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Stores a definition and lists a job with it. */
  async postJob(
    { definition, ...request }: PostRequest,
    options?: SendOptions,
  ): Promise<ListedJob> {
    const stored = await writeJson(this.#context.store, definition);
    return await this.listJob({ ...request, definition: stored }, options);
  }

  /** Lists a job whose definition is stored. */
  async listJob(request: ListRequest, options?: SendOptions): Promise<ListedJob> {
    const { signer } = this.#context;
    const nonce = BigInt(request.nonce ?? randomNonce());
    const maxPricePerSecond = request.maxPricePerSecond ?? (await this.#fetchPrice(request.market));

    const instruction = await actions.listJob({
      ...request,
      client: signer,
      mint: await this.#context.fetchMint(),
      nonce,
      definition: toDigest(request.definition),
      maxPricePerSecond,
    });
    const receipt = await this.#context.send([instruction], options);
    const job = await findJobAddress(signer.address, nonce);
    return { ...receipt, job, nonce, definition: request.definition };
  }

  /** Returns what a job in a market costs at most, at the current price. */
  async quoteJob(market: Address, timeoutSeconds: number | bigint): Promise<JobQuote> {
    const address = await findConfigAddress();
    const { data } = await fetchAccount(this.#context.options, CONFIG_ACCOUNT, address);

    const pricePerSecond = await this.#fetchPrice(market);
    return {
      pricePerSecond,
      deposit: jobDeposit(pricePerSecond, timeoutSeconds, data.networkFeeBps),
    };
  }

  /** Waits until a job has a result or is settled, or until `isDone` is true of it. */
  async waitForJob(
    address: Address,
    { isDone = hasResult, ...options }: WaitOptions & { isDone?: (job: Job) => boolean } = {},
  ): Promise<Job> {
    const probe = async () => {
      const { data } = await this.#context.fetchJob(address);
      return isDone(data) ? data : undefined;
    };
    return await waitForAccount(this.#context.options, address, probe, options);
  }

  /** Reads the result of a job from the store, with its outputs; every hash is verified. */
  async readResult(
    address: Address,
    options: { maxBytes?: number; signal?: AbortSignal } = {},
  ): Promise<JobResult> {
    return await readJobResult(this.#context.store, await this.#context.fetchJob(address), options);
  }

  /** Cancels a job that no node runs. */
  async cancelJob(address: Address, options?: SendOptions): Promise<Receipt> {
    const job = await this.#context.fetchJob(address);
    const queue = await fetchQueue(this.#context.options, job.data.market);
    const cell = findCell(queue, address) ?? 0;
    return await this.#context.send(
      [await actions.cancelJob(this.#context.signer, job, cell)],
      options,
    );
  }

  /** Stops a job that a node took or runs; the node is paid for its time. */
  async stopJob(address: Address, options?: SendOptions): Promise<Receipt> {
    return await this.#context.send([await actions.stopJob(await this.#ending(address))], options);
  }

  /** Accepts a result before its challenge window is over. */
  async acceptResult(address: Address, options?: SendOptions): Promise<Receipt> {
    return await this.#context.send(
      [await actions.acceptResult(await this.#ending(address))],
      options,
    );
  }

  /** Rejects a result within its challenge window; with `requeue` the job returns to the queue. */
  async rejectResult(
    address: Address,
    { requeue = false, ...options }: SendOptions & { requeue?: boolean } = {},
  ): Promise<Receipt> {
    return await this.#context.send(
      [await actions.rejectResult(await this.#ending(address), requeue)],
      options,
    );
  }

  /** Extends a job's timeout, at the job's price. */
  async extendJob(
    address: Address,
    addedSeconds: number | bigint,
    options?: SendOptions,
  ): Promise<Receipt> {
    const { signer } = this.#context;
    const job = await this.#context.fetchJob(address);
    const mint = await this.#context.fetchMint();
    return await this.#context.send(
      [await actions.extendJob(signer, signer, job, mint, addedSeconds)],
      options,
    );
  }

  /** Adds base units to a job's budget, with which its client can extend it. */
  async topUpJob(
    address: Address,
    amount: number | bigint,
    options?: SendOptions,
  ): Promise<Receipt> {
    const job = await this.#context.fetchJob(address);
    const mint = await this.#context.fetchMint();
    return await this.#context.send(
      [await actions.topUpJob(this.#context.signer, job, mint, amount)],
      options,
    );
  }

  async #ending(address: Address): Promise<actions.Ending> {
    const job = await this.#context.fetchJob(address);
    const nodeAuthority = await findNodeAuthority(this.#context.options, job);
    return { authority: this.#context.signer, job, nodeAuthority };
  }

  async #fetchPrice(market: Address): Promise<bigint> {
    const { data } = await fetchAccount(this.#context.options, MARKET_ACCOUNT, market);
    return data.terms.pricePerSecond;
  }
}
