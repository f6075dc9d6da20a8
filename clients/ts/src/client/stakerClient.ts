/** What stakers do. The client's signer owns the stake. */

import type { Address, Instruction, TransactionSigner } from "@solana/kit";

import * as actions from "../actions/index.js";
import { findNodeAddress, findPositionAddress, findStakeAddress } from "../chain/addresses.js";
import { fetchAccount, findAccount, type FoundAccount } from "../chain/accounts.js";
import { NODE_ACCOUNT } from "../generated/jobs/accountKinds.js";
import { POSITION_ACCOUNT } from "../generated/rewards/accountKinds.js";
import type { Position } from "../generated/rewards/accounts/position.js";
import { STAKE_ACCOUNT } from "../generated/staking/accountKinds.js";
import type { Stake } from "../generated/staking/accounts/stake.js";
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
    return await fetchAccount(this.#context.options, STAKE_ACCOUNT, address);
  }

  /** Reads the position of an owner in the reward pool; the signer's unless another is named. */
  async fetchPosition(owner: Address = this.#owner.address): Promise<FoundAccount<Position>> {
    const address = await findPositionAddress(owner);
    return await fetchAccount(this.#context.options, POSITION_ACCOUNT, address);
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

  /**
   * Pays what the cooldown has released. If the signer's node has kept collateral that it does not
   * use, the same transaction releases that first, for it could not be withdrawn otherwise.
   */
  async withdraw(options?: SendOptions): Promise<Receipt> {
    const mint = await this.#context.fetchMint();
    const node = await findAccount(
      this.#context.options,
      NODE_ACCOUNT,
      await findNodeAddress(this.#owner.address),
    );

    const instructions = [await actions.withdrawStake(this.#owner, mint)];
    if (node && node.data.idleCollateral > 0n) {
      instructions.unshift(await actions.releaseCollateral(this.#owner));
    }
    return await this.#context.send(instructions, options);
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

  get #owner(): TransactionSigner {
    return this.#context.signer;
  }

  async #send(instruction: Promise<Instruction>, options?: SendOptions): Promise<Receipt> {
    return await this.#context.send([await instruction], options);
  }
}
