/** Accounts that are read from their bytes have the fields of the whole account. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { JobState, orderEntries, SlotState } from "@nosana-programs/client";
import {
  getJobDecoder,
  getJobEncoder,
  getNodeDecoder,
  getNodeEncoder,
  getQueueHeaderEncoder,
  JOB_ACCOUNT,
  NODE_ACCOUNT,
  NOSANA_JOBS_PROGRAM_ADDRESS,
  QUEUE_HEADER_ACCOUNT,
  Side,
  type QueueHeader,
} from "@nosana-programs/client/jobs";
import { getAddressDecoder, type Address } from "@solana/kit";

import { JobBrief } from "../src/data/jobBrief.ts";
import { fullJob, ledger, replaceLedger } from "../src/data/ledger.ts";
import { NodeBrief } from "../src/data/nodeBrief.ts";
import { QueueBrief } from "../src/data/queueBrief.ts";

/** Bytes of which no two fields have the same. */
function makeBytes({ discriminator }: { discriminator: ArrayLike<number> }, size: number) {
  const bytes = new Uint8Array(size).map((_, index) => (index * 7 + (index >> 8)) % 251);
  bytes.set(Array.from(discriminator));
  return bytes;
}

const addressOf = (index: number): Address =>
  getAddressDecoder().decode(new Uint8Array(32).fill(index));

function gettersOf(type: { prototype: object }): string[] {
  return Object.entries(Object.getOwnPropertyDescriptors(type.prototype))
    .filter(([, { get }]) => get !== undefined)
    .map(([name]) => name);
}

test("a node reads the same as its whole account", () => {
  const node = getNodeDecoder().decode(cleanNode());
  const bytes = new Uint8Array(
    getNodeEncoder().encode({
      ...node,
      slots: node.slots.map((slot, index) => ({ ...slot, state: index % 5, since: -9n })),
    }),
  );
  const whole = getNodeDecoder().decode(bytes);
  const brief = new NodeBrief(bytes);

  for (const name of gettersOf(NodeBrief).filter((each) => each !== "slots")) {
    const key = name as keyof typeof brief & keyof typeof whole;
    assert.deepEqual(brief[key], whole[key], name);
  }
  const shown = brief.slots.map(({ market, job, since, state }) => ({ market, job, since, state }));
  assert.deepEqual(
    shown,
    whole.slots.map(({ market, job, since, state }) => ({ market, job, since, state })),
  );
  assert.ok(shown.length === 16 && shown[1]?.state === SlotState.Waiting);
});

/** A node whose fields differ, and whose slots are free. */
function cleanNode(): Uint8Array {
  const bytes = makeBytes(NODE_ACCOUNT, getNodeDecoder().fixedSize);
  const slotBytes = (1_984 - 192) / 16;
  for (let at = 192; at < 1_984; at += slotBytes) bytes[at + 96] = 0;
  return bytes;
}

test("a queue reads the same as its whole account, in its order", () => {
  const queue: QueueHeader = {
    discriminator: QUEUE_HEADER_ACCOUNT.discriminator,
    market: addressOf(3),
    feesAccrued: 11n,
    creditsOwed: 12n,
    jobsListed: 13n,
    openJobs: 14n,
    first: 3,
    last: 1,
    vacated: 0,
    touched: 4,
    live: 3,
    side: Side.Jobs,
    version: 1,
    bump: 255,
    padding: new Uint8Array(1),
    openDisputes: 0n,
    reserved: new Uint8Array(40),
    cells: [0, 1, 4, 2].map((next, index) => ({
      address: addressOf(index + 10),
      pricePerSecond: BigInt(index) + 2n ** 40n,
      previous: 0,
      next: index === 1 ? 1 : next,
    })),
  };
  const read = (changes: Partial<QueueHeader>) =>
    new QueueBrief(new Uint8Array(getQueueHeaderEncoder().encode({ ...queue, ...changes })));

  const brief = read({ live: 4 });
  for (const name of gettersOf(QueueBrief).filter((each) => each !== "live")) {
    const key = name as keyof typeof brief & keyof typeof queue;
    assert.deepEqual(brief[key], queue[key], name);
  }
  const waiting = brief.orderCells()?.map(({ cell, address, pricePerSecond }) => {
    return { cell, address, pricePerSecond };
  });
  assert.deepEqual(waiting, orderEntries({ ...queue, live: 4 }));

  assert.deepEqual(read({ first: 0, live: 0, cells: [] }).orderCells(), []);
  assert.equal(read({ live: 2 }).orderCells(), undefined);
  assert.equal(read({ live: 5 }).orderCells(), undefined);
  assert.equal(read({ first: 5 }).orderCells(), undefined);
  assert.equal(read({ first: 2 ** 32 - 1 }).orderCells(), undefined);
});

test("an account of a later version is left out, and nothing else", () => {
  const size = getJobDecoder().fixedSize;
  const zeroed = new Uint8Array(size);
  zeroed.set(JOB_ACCOUNT.discriminator);
  const job = getJobDecoder().decode(zeroed);
  const bytes = new Uint8Array(getJobEncoder().encode(job));

  for (const name of ["state", "reason", "kind", "returnCause"] as const) {
    const later = bytes.slice();
    later[JOB_ACCOUNT.fields[name].offset] = 99;
    if (name !== "returnCause") assert.throws(() => new JobBrief(later), /later version/);

    const program = NOSANA_JOBS_PROGRAM_ADDRESS;
    replaceLedger([
      { address: addressOf(1), program, data: bytes },
      { address: addressOf(2), program, data: later },
    ]);
    assert.equal(fullJob(addressOf(2)), undefined);
    assert.equal(fullJob(addressOf(1))?.state, JobState.Queued);
    assert.ok([...ledger.jobs.values()].length >= 1);
  }
});
