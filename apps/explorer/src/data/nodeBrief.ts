/** A node as lists and sums need it. */

import { SlotState } from "@nosana-programs/client";
import { getSlotDecoder, NODE_ACCOUNT } from "@nosana-programs/client/jobs";
import type { Address } from "@solana/kit";

import { AccountView } from "./accountView.ts";

const { fields } = NODE_ACCOUNT;
const SLOT_BYTES = getSlotDecoder().fixedSize;
/** Where the fields of a slot are in it; a test compares them with the whole account. */
const SLOT_FIELDS = { market: { offset: 0 }, job: { offset: 32 }, since: { offset: 64 } };
const SLOT_STATE = { offset: 96 };
/** The slots end where the field behind them begins. */
const SLOTS_OFFSET = fields.jobsRejected.offset + 4;
const SLOT_COUNT = (fields.capabilities.offset - SLOTS_OFFSET) / SLOT_BYTES;

/** A place for a job on a node. */
export class SlotBrief extends AccountView {
  get market(): Address {
    return this.readAddress(SLOT_FIELDS.market);
  }
  get job(): Address {
    return this.readAddress(SLOT_FIELDS.job);
  }
  get since(): bigint {
    return this.readI64(SLOT_FIELDS.since);
  }
  get state(): SlotState {
    return this.readU8(SLOT_STATE);
  }
}

export class NodeBrief extends AccountView {
  /** Fails if the node is of a later version, whose enumerations this page does not know. */
  constructor(bytes: Uint8Array) {
    super(bytes);
    if (!this.slots.every(({ state }) => state in SlotState)) {
      throw new Error("the node is of a later version of the program");
    }
  }

  get authority(): Address {
    return this.readAddress(fields.authority);
  }
  get earned(): bigint {
    return this.readU64(fields.earned);
  }
  get reputationGood(): bigint {
    return this.readU64(fields.reputationGood);
  }
  get reputationBad(): bigint {
    return this.readU64(fields.reputationBad);
  }
  get reputationAt(): bigint {
    return this.readI64(fields.reputationAt);
  }
  get idleCollateral(): bigint {
    return this.readU64(fields.idleCollateral);
  }
  get jobsCompleted(): number {
    return this.readU32(fields.jobsCompleted);
  }
  get jobsFailed(): number {
    return this.readU32(fields.jobsFailed);
  }
  get jobsRejected(): number {
    return this.readU32(fields.jobsRejected);
  }
  get vramMib(): number {
    return this.readU32(fields.vramMib);
  }
  get capacity(): number {
    return this.readU8(fields.capacity);
  }
  get draining(): number {
    return this.readU8(fields.draining);
  }

  /** All slots; only the first `capacity` of them are used. */
  get slots(): SlotBrief[] {
    return Array.from(
      { length: SLOT_COUNT },
      (_, index) => new SlotBrief(this, SLOTS_OFFSET + index * SLOT_BYTES),
    );
  }
}
