/**
 * What delegators do, and the owners of the stakes that they delegate to. `owner` is the owner of
 * the stake.
 */

import type { Address, Instruction, TransactionSigner } from "@solana/kit";

import * as actions from "../actions/index.js";
import { fetchAccount, type FoundAccount } from "../chain/accounts.js";
import { findDelegationAddress } from "../chain/addresses.js";
import { DELEGATION_ACCOUNT } from "../generated/staking/accountKinds.js";
import type { Delegation } from "../generated/staking/accounts/delegation.js";
import type { SendOptions } from "../transaction/message.js";
import type { Receipt } from "../transaction/send.js";
import type { Context } from "./context.js";

/** The part of a client that delegates, or that others delegate to. */
export class DelegationClient {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Reads the signer's delegation to the stake of `owner`. */
  async fetchDelegation(owner: Address): Promise<FoundAccount<Delegation>> {
    const address = await findDelegationAddress(this.#signer.address, owner);
    return await fetchAccount(this.#context.options, DELEGATION_ACCOUNT, address);
  }

  /** Opens an empty delegation. */
  async open(owner: Address, options?: SendOptions): Promise<Receipt> {
    return await this.#send(actions.openDelegation(this.#signer, owner), options);
  }

  /** Delegates base units, if the stake's terms are within the limits. */
  async delegate(
    owner: Address,
    amount: number | bigint,
    limits: actions.DelegationLimits,
    options?: SendOptions,
  ): Promise<Receipt> {
    const mint = await this.#context.fetchMint();
    return await this.#send(
      actions.delegateStake(this.#signer, owner, mint, amount, limits),
      options,
    );
  }

  /** Starts the cooldown of the signer's delegation. */
  async undelegate(owner: Address, options?: SendOptions): Promise<Receipt> {
    const delegator = this.#signer.address;
    return await this.#send(actions.undelegateStake(this.#signer, delegator, owner), options);
  }

  /** Pays what the cooldown has released. */
  async withdraw(owner: Address, options?: SendOptions): Promise<Receipt> {
    const mint = await this.#context.fetchMint();
    const delegator = this.#signer.address;
    return await this.#send(
      actions.withdrawDelegated(this.#signer, delegator, owner, mint),
      options,
    );
  }

  /** Pays the earnings of the signer's delegation, less commission. */
  async claim(owner: Address, options?: SendOptions): Promise<Receipt> {
    const mint = await this.#context.fetchMint();
    return await this.#send(actions.claimDelegated(this.#signer.address, owner, mint), options);
  }

  /** Closes the signer's empty delegation, and refunds its rent. */
  async close(owner: Address, options?: SendOptions): Promise<Receipt> {
    const delegator = this.#signer.address;
    return await this.#send(actions.closeDelegation(this.#signer, delegator, owner), options);
  }

  /** Opens the position of all that is delegated to the signer's stake; needed once. */
  async enterPool(options?: SendOptions): Promise<Receipt> {
    return await this.#send(actions.enterDelegated(this.#signer, this.#signer.address), options);
  }

  /** Sets whether the signer's stake accepts delegations, and at which commission. */
  async setTerms(
    accepting: boolean,
    commissionBps: number,
    options?: SendOptions,
  ): Promise<Receipt> {
    return await this.#send(actions.setDelegation(this.#signer, accepting, commissionBps), options);
  }

  /** Pays the signer's commission. */
  async claimCommission(options?: SendOptions): Promise<Receipt> {
    const mint = await this.#context.fetchMint();
    return await this.#send(actions.claimCommission(this.#signer, mint), options);
  }

  get #signer(): TransactionSigner {
    return this.#context.signer;
  }

  async #send(instruction: Promise<Instruction>, options?: SendOptions): Promise<Receipt> {
    return await this.#context.send([await instruction], options);
  }
}
