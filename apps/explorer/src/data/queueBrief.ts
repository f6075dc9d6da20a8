/** A queue, whose cells are read when they are needed: there is one for each job that waits. */

import { getQueueCellDecoder, QUEUE_HEADER_ACCOUNT, type Side } from "@nosana-programs/client/jobs";
import type { Address } from "@solana/kit";

import { AccountView } from "./accountView.ts";

const { fields } = QUEUE_HEADER_ACCOUNT;
/** Behind the last field are reserved bytes, and then the number of cells. */
const RESERVED_BYTES = 40;
const CELL_COUNT = { offset: fields.openDisputes.offset + 8 + RESERVED_BYTES };
const CELLS_OFFSET = CELL_COUNT.offset + 4;
const CELL_BYTES = getQueueCellDecoder().fixedSize;
const CELL_FIELDS = {
  address: { offset: 0 },
  pricePerSecond: { offset: 32 },
  next: { offset: 44 },
};

/** A job or a node that waits. */
export class CellBrief extends AccountView {
  /** The place in the account. */
  readonly cell: number;

  constructor(queue: AccountView, cell: number) {
    super(queue, CELLS_OFFSET + cell * CELL_BYTES);
    this.cell = cell;
  }

  get address(): Address {
    return this.readAddress(CELL_FIELDS.address);
  }
  get pricePerSecond(): bigint {
    return this.readU64(CELL_FIELDS.pricePerSecond);
  }
  /** The index of the cell behind this one plus one; zero is the end. */
  get next(): number {
    return this.readU32(CELL_FIELDS.next);
  }
}

export class QueueBrief extends AccountView {
  get market(): Address {
    return this.readAddress(fields.market);
  }
  get feesAccrued(): bigint {
    return this.readU64(fields.feesAccrued);
  }
  get jobsListed(): bigint {
    return this.readU64(fields.jobsListed);
  }
  get openJobs(): bigint {
    return this.readU64(fields.openJobs);
  }
  get live(): number {
    return this.readU32(fields.live);
  }
  get side(): Side {
    return this.readU8(fields.side);
  }

  /** What waits, the first at the top; undefined if the links are inconsistent. */
  orderCells(): CellBrief[] | undefined {
    const count = this.readU32(CELL_COUNT);
    const waiting: CellBrief[] = [];

    let link = this.readU32(fields.first);
    while (link !== 0) {
      const isInside = link <= count && CELLS_OFFSET + link * CELL_BYTES <= this.bytes.length;
      if (!isInside || waiting.length === this.live) return undefined;

      const cell = new CellBrief(this, link - 1);
      waiting.push(cell);
      link = cell.next;
    }
    return waiting.length === this.live ? waiting : undefined;
  }
}
