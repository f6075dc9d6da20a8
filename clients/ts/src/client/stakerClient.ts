/** What stakers and delegators do. The client's signer owns the stake, or delegates to another. */

import type { Address, Instruction, TransactionSigner } from "@solana/kit";

import * as actions from "../actions/index.js";
import { findPositionAddress, findStakeAddress } from "../chain/addresses.js";
import type { FoundAccount } from "../chain/accounts.js";
import { callNode, commitmentOf } from "../chain/connection.js";
import { fetchPosition, type Position } from "../generated/rewards/accounts/position.js";
import { fetchStake, type Stake } from "../generated/staking/accounts/stake.js";
import type { SendOptions } from "../transaction/message.js";
import type { Receipt } from "../transaction/send.js";
import type { Context } from "./context.js";

type Amount = number | bigint;

/** The part of a client that stakes. */
export class StakerClient {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Reads the stake of an owner; the signer's unless another is named. */
  async fetchStake(owner: Address = this.#owner.address): Promise<FoundAccount<Stake>> {
    const address = await findStakeAddress(owner);
    const commitment = commitmentOf(this.#context.options);
    const { data } = await callNode(() =>
      fetchStake(this.#context.options.rpc, address, { commitment }),
    );
    return { address, data };
  }

  /** Reads the position of an owner in the reward pool; the signer's unless another is named. */
  async fetchPosition(owner: Address = this.#owner.address): Promise<FoundAccount<Position>> {
    const address = await findPositionAddress(owner);
    const commitment = commitmentOf(this.#context.options);
    const { data } = await callNode(() =>
      fetchPosition(this.#context.options.rpc, address, { commitment }),
    );
    return { address, data };
  }

  /** Stakes base units; they are released over this duration after {@link unstake}. */
  async openStake(
    amount: Amount,
    durationSeconds: Amount,
    options?: SendOptions,
  ): Promise<Receipt> {
    const mint = await this.#context.fetchMint();
    return await this.#send(actions.openStake(this.#owner, mint, amount, durationSeconds), options);
  }

  /** Adds base units to the stake. */
  async topUp(amount: Amount, options?: SendOptions): Promise<Receipt> {
    const mint = await this.#context.fetchMint();
    return await this.#send(actions.topUpStake(this.#owner, mint, amount), options);
  }

  /** Extends the cooldown to this duration. */
  async extend(durationSeconds: Amount, options?: SendOptions): Promise<Receipt> {
    return await this.#send(actions.extendStake(this.#owner, durationSeconds), options);
  }

  /** Starts the cooldown. */
  async unstake(options?: SendOptions): Promise<Receipt> {
    return await this.#send(actions.unstake(this.#owner), options);
  }

  /** Ends the cooldown, and stakes what remains again. */
  async restake(options?: SendOptions): Promise<Receipt> {
    return await this.#send(actions.restake(this.#owner), options);
  }

  /** Pays what the cooldown has released. */
  async withdraw(options?: SendOptions): Promise<Receipt> {
    return await this.#send(
      actions.withdrawStake(this.#owner, await this.#context.fetchMint()),
      options,
    );
  }

  /** Closes the empty stake. */
  async close(options?: SendOptions): Promise<Receipt> {
    return await this.#send(actions.closeStake(this.#owner), options);
  }

  /** Opens a position in the reward pool. */
  async enter(options?: SendOptions): Promise<Receipt> {
    return await this.#send(actions.enterPool(this.#owner), options);
  }

  /** Pays the earnings. */
  async claim(options?: SendOptions): Promise<Receipt> {
    return await this.#send(
      actions.claimRewards(this.#owner, await this.#context.fetchMint()),
      options,
    );
  }

  /** Settles the position at the stake's current weight, and pays the earnings. */
  async harvest(options?: SendOptions): Promise<Receipt> {
    return await this.#send(
      actions.harvestRewards(this.#owner, await this.#context.fetchMint()),
      options,
    );
  }

  /** Adds the earnings to the stake. */
  async compound(options?: SendOptions): Promise<Receipt> {
    return await this.#send(actions.compoundRewards(this.#owner), options);
  }

  /** Pays the earnings, and closes the position. */
  async exit(options?: SendOptions): Promise<Receipt> {
    return await this.#send(
      actions.exitPool(this.#owner, await this.#context.fetchMint()),
      options,
    );
  }

  /** Delegates base units to the stake of `owner`; the delegation must be open. */
  async delegate(
    owner: Address,
    amount: Amount,
    limits: actions.DelegationLimits,
    options?: SendOptions,
  ): Promise<Receipt> {
    const mint = await this.#context.fetchMint();
    return await this.#send(
      actions.delegateStake(this.#owner, owner, mint, amount, limits),
      options,
    );
  }

  /** Opens an empty delegation to the stake of `owner`. */
  async openDelegation(owner: Address, options?: SendOptions): Promise<Receipt> {
    return await this.#send(actions.openDelegation(this.#owner, owner), options);
  }

  /** Starts the cooldown of the signer's delegation to the stake of `owner`. */
  async undelegate(owner: Address, options?: SendOptions): Promise<Receipt> {
    return await this.#send(
      actions.undelegateStake(this.#owner, this.#owner.address, owner),
      options,
    );
  }

  get #owner(): TransactionSigner {
    return this.#context.signer;
  }

  async #send(instruction: Promise<Instruction>, options?: SendOptions): Promise<Receipt> {
    return await this.#context.send([await instruction], options);
  }
}
