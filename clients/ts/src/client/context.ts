/** What all parts of a client share. */

import type { Address, Instruction, TransactionSigner } from "@solana/kit";

import { findConfigAddress } from "../chain/addresses.js";
import { fetchAccount, findAccount, type FoundAccount } from "../chain/accounts.js";
import type { Connection } from "../chain/connection.js";
import type { BlockStore } from "../content/store.js";
import { CONFIG_ACCOUNT, JOB_ACCOUNT } from "../generated/jobs/accountKinds.js";
import type { Job } from "../generated/jobs/accounts/job.js";
import type { SendOptions } from "../transaction/message.js";
import { sendTransaction, type Receipt } from "../transaction/send.js";

/** The configuration of a client. */
export interface ClientOptions extends Connection {
  /** Acts: any signer of kit, such as a key file, a browser's wallet, or a hardware key. */
  signer: TransactionSigner;
  /** Pays the transactions' fees; the signer unless it is set. */
  feePayer?: TransactionSigner | undefined;
  /** Where definitions and results are. */
  store?: BlockStore | undefined;
  /** Options of every transaction; those of a call go before them. */
  sendOptions?: SendOptions | undefined;
}

/** A connection, a signer and a store. */
export class Context {
  readonly options: ClientOptions;
  #mint: Promise<Address> | undefined;

  constructor(options: ClientOptions) {
    this.options = options;
  }

  /** Who acts. */
  get signer(): TransactionSigner {
    return this.options.signer;
  }

  /** The store; fails if the client has none. */
  get store(): BlockStore {
    if (!this.options.store) {
      throw new Error("the client has no content store; give `createClient` one as `store`");
    }
    return this.options.store;
  }

  /** Sends the instructions as one transaction. */
  async send(instructions: readonly Instruction[], options: SendOptions = {}): Promise<Receipt> {
    const { signer, feePayer = signer, sendOptions } = this.options;
    return await sendTransaction(this.options, feePayer, instructions, {
      ...sendOptions,
      ...options,
    });
  }

  /** Returns the mint of NOS, which the network's configuration names. */
  async fetchMint(): Promise<Address> {
    this.#mint ??= this.#readMint();
    try {
      return await this.#mint;
    } catch (error) {
      this.#mint = undefined;
      throw error;
    }
  }

  /** Reads a job; undefined if it does not exist. */
  async findJob(address: Address): Promise<FoundAccount<Job> | undefined> {
    return await findAccount(this.options, JOB_ACCOUNT, address);
  }

  /** Reads a job; fails if it does not exist. */
  async fetchJob(address: Address): Promise<FoundAccount<Job>> {
    const job = await this.findJob(address);
    if (!job) {
      throw new Error(
        `there is no job at ${address}: it was closed after its retention, or never listed; ` +
          "its events are in the history of its address",
      );
    }
    return job;
  }

  async #readMint(): Promise<Address> {
    const config = await fetchAccount(this.options, CONFIG_ACCOUNT, await findConfigAddress());
    return config.data.nosMint;
  }
}
