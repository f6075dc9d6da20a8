/** What market authorities do, and what anyone may do for a market and its jobs once it is due. */

import type { Address, Instruction } from "@solana/kit";

import * as actions from "../actions/index.js";
import { findMarketAddress } from "../chain/addresses.js";
import { fetchQueue, findCell } from "../chain/queue.js";
import type { MarketTermsArgs } from "../generated/jobs/types/marketTerms.js";
import type { SendOptions } from "../transaction/message.js";
import type { Receipt } from "../transaction/send.js";
import type { Context } from "./context.js";
import { findNodeAuthority } from "./holder.js";

/** The part of a client that runs markets. */
export class MarketClient {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Opens a market of the signer's; returns its address. */
  async open(
    plan: actions.MarketPlan,
    options?: SendOptions,
  ): Promise<Receipt & { market: Address }> {
    const { signer } = this.#context;
    const mint = await this.#context.fetchMint();
    const receipt = await this.#send(actions.openMarket(signer, mint, plan), options);
    return { ...receipt, market: await findMarketAddress(signer.address, plan.id) };
  }

  /** Announces other terms. */
  async proposeTerms(
    market: Address,
    terms: MarketTermsArgs,
    options?: SendOptions,
  ): Promise<Receipt> {
    return await this.#send(actions.proposeTerms(this.#context.signer, market, terms), options);
  }

  /** Applies the announced terms after their notice. */
  async applyTerms(market: Address, options?: SendOptions): Promise<Receipt> {
    return await this.#send(actions.applyTerms(market), options);
  }

  /** Retires a market: it accepts no new jobs and no new nodes. */
  async retire(market: Address, options?: SendOptions): Promise<Receipt> {
    return await this.#send(actions.retireMarket(this.#context.signer, market), options);
  }

  /** Closes an empty, retired market, and returns the deposit. */
  async close(market: Address, options?: SendOptions): Promise<Receipt> {
    const mint = await this.#context.fetchMint();
    return await this.#send(actions.closeMarket(this.#context.signer, mint, market), options);
  }

  /** Sends a market's fees to the reward pool, and makes income of them. */
  async sweepFees(market: Address, options?: SendOptions): Promise<Receipt> {
    const instructions = [await actions.sweepFees(market), await actions.countIncome()];
    return await this.#context.send(instructions, options);
  }

  /** Settles a result after its challenge window. */
  async settleJob(address: Address, options?: SendOptions): Promise<Receipt> {
    return await this.#send(actions.settleJob(await this.#ending(address)), options);
  }

  /** Ends a run whose clock has run out. */
  async expireRun(address: Address, options?: SendOptions): Promise<Receipt> {
    return await this.#send(actions.expireRun(await this.#ending(address)), options);
  }

  /** Undoes a match whose node did not start in time; the signer gets a share of the penalty. */
  async expireMatch(address: Address, options?: SendOptions): Promise<Receipt> {
    const mint = await this.#context.fetchMint();
    return await this.#send(actions.expireMatch(await this.#ending(address), mint), options);
  }

  /** Refunds the deposit of a job that has waited too long. */
  async expireQueued(address: Address, options?: SendOptions): Promise<Receipt> {
    const job = await this.#context.fetchJob(address);
    const cell = findCell(await fetchQueue(this.#context.options, job.data.market), address) ?? 0;
    return await this.#send(actions.expireQueued(job, cell), options);
  }

  /** Pays the credit that a settled job owes to the signer. */
  async collectCredit(address: Address, options?: SendOptions): Promise<Receipt> {
    const job = await this.#context.fetchJob(address);
    const mint = await this.#context.fetchMint();
    return await this.#send(actions.collectCredit(this.#context.signer, job, mint), options);
  }

  /** Closes a settled job after its retention, and refunds its rent to its payer. */
  async cleanJob(address: Address, options?: SendOptions): Promise<Receipt> {
    return await this.#send(actions.cleanJob(await this.#context.fetchJob(address)), options);
  }

  async #ending(address: Address): Promise<actions.Ending> {
    const job = await this.#context.fetchJob(address);
    const nodeAuthority = await findNodeAuthority(this.#context.options, job);
    return { authority: this.#context.signer, job, nodeAuthority };
  }

  async #send(instruction: Promise<Instruction>, options?: SendOptions): Promise<Receipt> {
    return await this.#context.send([await instruction], options);
  }
}
