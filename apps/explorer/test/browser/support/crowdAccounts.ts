/** The accounts of a crowd: jobs of one market, its queue, and a dispute, as the program writes them. */

import { JobState } from "@nosana-programs/client";
import {
  DISPUTE_ACCOUNT,
  DisputePhase,
  getDisputeDecoder,
  getDisputeEncoder,
  getJobDecoder,
  getJobEncoder,
  getMarketDecoder,
  getMarketEncoder,
  getQueueHeaderDecoder,
  getQueueHeaderEncoder,
  JOB_ACCOUNT,
  MARKET_ACCOUNT,
  QUEUE_HEADER_ACCOUNT,
  SeatState,
  Side,
  Verdict,
} from "@nosana-programs/client/jobs";
import { getAddressDecoder, type Address } from "@solana/kit";

/** An account of the jobs program. */
export interface CrowdAccount {
  address: Address;
  data: Buffer;
}

/** The time at which the chain stands. */
export const NOW = 1_800_000_000n;
/** The market of all jobs. */
export const MARKET = makeAddress(2, 0);
/** The client of one in 200 jobs. */
export const CLIENT = makeAddress(1, 0);
/** The place of the job whose result is disputed, and its address. */
const DISPUTED = 7;
export const DISPUTED_JOB = makeAddress(3, DISPUTED);

const PRICE = 50n;
const CLIENTS = 200;
/** A queue up to the number of its cells. */
const QUEUE_BYTES = 148;

const { fields } = JOB_ACCOUNT;
const TEMPLATE = getJobEncoder().encode({
  ...getJobDecoder().decode(zeroAccount(JOB_ACCOUNT, getJobDecoder().fixedSize)),
  market: MARKET,
  pricePerSecond: PRICE,
  timeoutSeconds: 600n,
  escrow: 33_000n,
}) as Uint8Array;

/** Makes a job; one of a higher index was listed earlier. */
export function makeJob(index: number): CrowdAccount {
  const data = Buffer.from(TEMPLATE);
  data.set(makeBytes(1, index % CLIENTS), fields.client.offset);
  data.writeUInt8(stateOf(index), fields.state.offset);
  data.writeBigInt64LE(NOW - BigInt(index), fields.listedAt.offset);
  return { address: makeAddress(3, index), data };
}

/** Makes the jobs' market. */
export function makeMarket(): CrowdAccount {
  const zeroed = zeroAccount(MARKET_ACCOUNT, getMarketDecoder().fixedSize);
  const market = getMarketDecoder().decode(zeroed);
  const data = getMarketEncoder().encode({
    ...market,
    queue: makeAddress(5, 0),
    vault: makeAddress(6, 0),
    terms: { ...market.terms, pricePerSecond: PRICE },
  });
  return { address: MARKET, data: Buffer.from(data as Uint8Array) };
}

/** Makes the market's queue, in which so many jobs wait that are queued; the oldest is the first. */
export function makeQueue(jobs: number): CrowdAccount {
  const places = Array.from({ length: jobs }, (_, index) => jobs - 1 - index);
  const waiting = places.filter((index) => stateOf(index) === JobState.Queued);
  const cells = waiting.map((index, cell) => ({
    address: makeAddress(3, index),
    pricePerSecond: PRICE,
    // A link is the index of a cell plus one.
    previous: cell,
    next: cell + 1 < waiting.length ? cell + 2 : 0,
  }));

  const zeroed = zeroAccount(QUEUE_HEADER_ACCOUNT, QUEUE_BYTES + 4);
  const data = getQueueHeaderEncoder().encode({
    ...getQueueHeaderDecoder().decode(zeroed),
    market: MARKET,
    jobsListed: BigInt(jobs),
    first: 1,
    last: cells.length,
    touched: cells.length,
    live: cells.length,
    side: Side.Jobs,
    cells,
  });
  return { address: makeAddress(5, 0), data: Buffer.from(data as Uint8Array) };
}

/** Makes a dispute in which the first panelist has voted. */
export function makeDispute(): CrowdAccount {
  const zeroed = zeroAccount(DISPUTE_ACCOUNT, getDisputeDecoder().fixedSize);
  const dispute = getDisputeDecoder().decode(zeroed);
  const vote = { node: DISPUTED_JOB, state: SeatState.Revealed, verdict: Verdict.Wrong };
  const seats = dispute.seats.map((seat, index) => (index > 0 ? seat : { ...seat, ...vote }));
  const data = getDisputeEncoder().encode({
    ...dispute,
    job: DISPUTED_JOB,
    market: MARKET,
    challenger: DISPUTED_JOB,
    panelFee: 150_000n,
    phase: DisputePhase.Voting,
    challengedAt: NOW - 60n,
    endsAt: NOW + 600n,
    seatsTaken: 1,
    seats,
  });
  return { address: makeAddress(4, 0), data: Buffer.from(data as Uint8Array) };
}

function stateOf(index: number): JobState {
  if (index === DISPUTED) return JobState.Challenged;
  return index % 6 === 5 ? JobState.Settled : index % 3;
}

/** The bytes of an account that has nothing but its kind. */
function zeroAccount(kind: { discriminator: ArrayLike<number> }, size: number): Uint8Array {
  const zeroed = new Uint8Array(size);
  zeroed.set(kind.discriminator);
  return zeroed;
}

function makeAddress(kind: number, index: number): Address {
  return getAddressDecoder().decode(makeBytes(kind, index));
}

function makeBytes(kind: number, index: number): Uint8Array {
  const bytes = new Uint8Array(32).fill(kind);
  new DataView(bytes.buffer).setUint32(0, index + 1);
  return bytes;
}
