/**
 * A job as lists and sums need it. Each field is read from the account's bytes when it is asked
 * for, so that ten thousand jobs cost little more than their bytes.
 */

import type { JobKind, JobState, Reason } from "@nosana-programs/client";
import { JOB_ACCOUNT } from "@nosana-programs/client/jobs";
import { getBase58Decoder, type Address } from "@solana/kit";

import type { CostFields } from "../rules/settlement.ts";

const { fields } = JOB_ACCOUNT;
const ADDRESS_BYTES = 32;
/** Markets, clients and nodes recur: each is decoded once. */
const known = new Map<string, Address>();
const MAX_KNOWN = 50_000;

export class JobBrief implements CostFields {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get market(): Address {
    return this.#address(fields.market.offset);
  }
  get client(): Address {
    return this.#address(fields.client.offset);
  }
  get payer(): Address {
    return this.#address(fields.payer.offset);
  }
  get node(): Address {
    return this.#address(fields.node.offset);
  }
  get payerToken(): Address {
    return this.#address(fields.payerToken.offset);
  }
  get state(): JobState {
    return this.#view.getUint8(fields.state.offset);
  }
  get reason(): Reason {
    return this.#view.getUint8(fields.reason.offset);
  }
  get kind(): JobKind {
    return this.#view.getUint8(fields.kind.offset);
  }
  get pricePerSecond(): bigint {
    return this.#u64(fields.pricePerSecond.offset);
  }
  get timeoutSeconds(): bigint {
    return this.#u64(fields.timeoutSeconds.offset);
  }
  get escrow(): bigint {
    return this.#u64(fields.escrow.offset);
  }
  get nodeCredit(): bigint {
    return this.#u64(fields.nodeCredit.offset);
  }
  get payerCredit(): bigint {
    return this.#u64(fields.payerCredit.offset);
  }
  get promisedSeconds(): bigint {
    return this.#u64(fields.promisedSeconds.offset);
  }
  get silentSeconds(): bigint {
    return this.#u64(fields.silentSeconds.offset);
  }
  get listedAt(): bigint {
    return this.#u64(fields.listedAt.offset);
  }
  get startedAt(): bigint {
    return this.#u64(fields.startedAt.offset);
  }
  get heartbeatAt(): bigint {
    return this.#u64(fields.heartbeatAt.offset);
  }
  get submittedAt(): bigint {
    return this.#u64(fields.submittedAt.offset);
  }
  get settledAt(): bigint {
    return this.#u64(fields.settledAt.offset);
  }
  get heartbeatSeconds(): number {
    return this.#view.getUint32(fields.heartbeatSeconds.offset, true);
  }
  get challengeSeconds(): number {
    return this.#view.getUint32(fields.challengeSeconds.offset, true);
  }
  get networkFeeBps(): number {
    return this.#view.getUint16(fields.networkFeeBps.offset, true);
  }
  get progressBps(): number {
    return this.#view.getUint16(fields.progressBps.offset, true);
  }

  /** The whole account. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  #u64(offset: number): bigint {
    return this.#view.getBigUint64(offset, true);
  }

  #address(offset: number): Address {
    const bytes = this.#bytes.subarray(offset, offset + ADDRESS_BYTES);
    const key = String.fromCharCode(...bytes);

    let address = known.get(key);
    if (address === undefined) {
      address = getBase58Decoder().decode(bytes) as Address;
      if (known.size >= MAX_KNOWN) known.clear();
      known.set(key, address);
    }
    return address;
  }
}
