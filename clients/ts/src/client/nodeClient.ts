/** What nodes do: register, take jobs, run them. The client's signer owns the node. */

import type { Address } from "@solana/kit";

import * as actions from "../actions/index.js";
import { findNodeAddress, NO_ADDRESS } from "../chain/addresses.js";
import { fetchAccount, listAccounts, type FoundAccount } from "../chain/accounts.js";
import { fetchQueue, findCell } from "../chain/queue.js";
import { toDigest, type ContentId } from "../content/identifier.js";
import { JOB_ACCOUNT, NODE_ACCOUNT } from "../generated/jobs/accountKinds.js";
import type { Job, Node } from "../generated/jobs/accounts/index.js";
import type { EndpointArgs } from "../generated/jobs/types/endpoint.js";
import type { HardwareArgs } from "../generated/jobs/types/hardware.js";
import { JobState } from "../generated/jobs/types/jobState.js";
import { ReturnCause } from "../generated/jobs/types/returnCause.js";
import type { SendOptions } from "../transaction/message.js";
import type { Receipt } from "../transaction/send.js";
import type { Context } from "./context.js";

/** The part of a client that acts as a node. */
export class NodeClient {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Reads the signer's node. */
  async fetchNode(): Promise<FoundAccount<Node>> {
    const address = await findNodeAddress(this.#context.signer.address);
    return await fetchAccount(this.#context.options, NODE_ACCOUNT, address);
  }

  /** Registers the node, which is paid to the signer's associated token account. */
  async register(hardware: HardwareArgs, options?: SendOptions): Promise<Receipt> {
    const mint = await this.#context.fetchMint();
    return await this.#context.send(
      [await actions.registerNode(this.#context.signer, mint, hardware)],
      options,
    );
  }

  /** Changes the hardware, while no slot is in use. */
  async updateHardware(hardware: HardwareArgs, options?: SendOptions): Promise<Receipt> {
    return await this.#context.send(
      [await actions.updateHardware(this.#context.signer, hardware)],
      options,
    );
  }

  /** Takes the first waiting job of a market, or waits for one. */
  async work(market: Address, { limits, access, ...options }: WorkOptions = {}): Promise<Receipt> {
    return await this.#context.send(
      [await actions.takeWork(this.#context.signer, market, limits, access)],
      options,
    );
  }

  /**
   * Returns the jobs that the node holds: those of its slots, and those that were matched with it.
   */
  async listJobs(): Promise<Address[]> {
    const { address, data } = await this.fetchNode();
    const filter = { node: address, state: JobState.Matched };
    const matched = await listAccounts(this.#context.options, JOB_ACCOUNT, filter);

    const inSlots = data.slots.map((slot) => slot.job).filter((job) => job !== NO_ADDRESS);
    return [...new Set([...inSlots, ...matched.map((job) => job.address)])];
  }

  /** Leaves the queue of a market. */
  async leave(market: Address, options?: SendOptions): Promise<Receipt> {
    const node = await findNodeAddress(this.#context.signer.address);
    const cell = findCell(await fetchQueue(this.#context.options, market), node);
    if (cell === undefined)
      throw new Error(`the node ${node} does not wait in the queue of ${market}`);
    return await this.#context.send(
      [await actions.leaveQueue(this.#context.signer, market, cell)],
      options,
    );
  }

  /**
   * Releases the collateral that the node has kept and does not use, so that it can be withdrawn
   * from the stake. The next {@link work} locks again what it needs.
   */
  async releaseCollateral(options?: SendOptions): Promise<Receipt> {
    return await this.#context.send(
      [await actions.releaseCollateral(this.#context.signer)],
      options,
    );
  }

  /** Starts a job that the node took; the pay clock begins. */
  async start(
    address: Address,
    { access, ...options }: SendOptions & { access?: actions.AccessToken } = {},
  ): Promise<Receipt> {
    const job = await this.#context.fetchJob(address);
    return await this.#context.send(
      [await actions.startJob(this.#context.signer, job, access)],
      options,
    );
  }

  /** Proves that the node still runs a job. */
  async heartbeat(
    address: Address,
    { checkpoint, progressBps, ...options }: SendOptions & actions.RunProgress = {},
  ): Promise<Receipt> {
    const job = await this.#context.fetchJob(address);
    const progress = { checkpoint, progressBps };
    return await this.#context.send(
      [await actions.sendHeartbeat(this.#context.signer, job, progress)],
      options,
    );
  }

  /** Submits a result, which is stored under this identifier. */
  async finish(address: Address, result: ContentId, options?: SendOptions): Promise<Receipt> {
    const ending = await this.#ending(address);
    return await this.#context.send([await actions.finishJob(ending, toDigest(result))], options);
  }

  /** Gives a job back to the queue; `detail` names a file that says why. */
  async quit(
    address: Address,
    {
      cause = ReturnCause.Unspecified,
      detail,
      ...options
    }: SendOptions & { cause?: ReturnCause; detail?: ContentId } = {},
  ): Promise<Receipt> {
    const words = detail === undefined ? undefined : toDigest(detail);
    return await this.#context.send(
      [await actions.quitJob(await this.#ending(address), cause, words)],
      options,
    );
  }

  /** Stops the node from taking new jobs, or lets it take them again. */
  async setDraining(draining: boolean, options?: SendOptions): Promise<Receipt> {
    return await this.#context.send(
      [await actions.setDraining(this.#context.signer, draining)],
      options,
    );
  }

  /** Announces where clients can connect to the node; zeros withdraw it. */
  async setEndpoint(endpoint: EndpointArgs, options?: SendOptions): Promise<Receipt> {
    return await this.#context.send(
      [await actions.setEndpoint(this.#context.signer, endpoint)],
      options,
    );
  }

  /** Changes the token account that is paid for jobs that the node starts later. */
  async setPayout(payout: Address, options?: SendOptions): Promise<Receipt> {
    return await this.#context.send(
      [await actions.setPayout(this.#context.signer, payout)],
      options,
    );
  }

  async #ending(address: Address): Promise<actions.Ending> {
    const job: FoundAccount<Job> = await this.#context.fetchJob(address);
    const authority = this.#context.signer;
    return { authority, job, nodeAuthority: authority.address };
  }
}

/** Options of taking work. */
export interface WorkOptions extends SendOptions {
  limits?: actions.WorkLimits;
  /** Needed in a market that requires a token of a collection. */
  access?: actions.AccessToken;
}
