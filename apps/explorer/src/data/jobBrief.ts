/** A job as lists and sums need it. */

import { JobKind, JobState, Reason } from "@nosana-programs/client";
import { JOB_ACCOUNT } from "@nosana-programs/client/jobs";
import type { Address } from "@solana/kit";

import type { CostFields } from "../rules/settlement.ts";
import { AccountView } from "./accountView.ts";

const { fields } = JOB_ACCOUNT;

export class JobBrief extends AccountView implements CostFields {
  /** Fails if the job is of a later version, whose enumerations this page does not know. */
  constructor(bytes: Uint8Array) {
    super(bytes);
    const isKnown = this.state in JobState && this.reason in Reason && this.kind in JobKind;
    if (!isKnown) throw new Error("the job is of a later version of the program");
  }

  get market(): Address {
    return this.readAddress(fields.market);
  }
  get client(): Address {
    return this.readAddress(fields.client);
  }
  get payer(): Address {
    return this.readAddress(fields.payer);
  }
  get node(): Address {
    return this.readAddress(fields.node);
  }
  get payerToken(): Address {
    return this.readAddress(fields.payerToken);
  }
  get state(): JobState {
    return this.readU8(fields.state);
  }
  get reason(): Reason {
    return this.readU8(fields.reason);
  }
  get kind(): JobKind {
    return this.readU8(fields.kind);
  }
  get pricePerSecond(): bigint {
    return this.readU64(fields.pricePerSecond);
  }
  get timeoutSeconds(): bigint {
    return this.readU64(fields.timeoutSeconds);
  }
  get escrow(): bigint {
    return this.readU64(fields.escrow);
  }
  get nodeCredit(): bigint {
    return this.readU64(fields.nodeCredit);
  }
  get payerCredit(): bigint {
    return this.readU64(fields.payerCredit);
  }
  get promisedSeconds(): bigint {
    return this.readU64(fields.promisedSeconds);
  }
  get silentSeconds(): bigint {
    return this.readU64(fields.silentSeconds);
  }
  get listedAt(): bigint {
    return this.readI64(fields.listedAt);
  }
  get startedAt(): bigint {
    return this.readI64(fields.startedAt);
  }
  get heartbeatAt(): bigint {
    return this.readI64(fields.heartbeatAt);
  }
  get submittedAt(): bigint {
    return this.readI64(fields.submittedAt);
  }
  get settledAt(): bigint {
    return this.readI64(fields.settledAt);
  }
  get heartbeatSeconds(): number {
    return this.readU32(fields.heartbeatSeconds);
  }
  get challengeSeconds(): number {
    return this.readU32(fields.challengeSeconds);
  }
  get networkFeeBps(): number {
    return this.readU16(fields.networkFeeBps);
  }
  get progressBps(): number {
    return this.readU16(fields.progressBps);
  }
}
