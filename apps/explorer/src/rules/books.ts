/** The books of a market: what its vault holds, against what it owes. */

import { JobState } from "@nosana-programs/client";
import {
  DisputePhase,
  SeatState,
  type Dispute,
  type Job,
  type Seat,
} from "@nosana-programs/client/jobs";

/** What a market owes, in base units. */
export interface MarketDebts {
  escrow: bigint;
  credits: bigint;
  disputes: bigint;
  fees: bigint;
  deposit: bigint;
}

type JobDebts = Pick<Job, "state" | "escrow" | "nodeCredit" | "payerCredit">;
type DisputeDebts = Pick<Dispute, "phase" | "panelFee" | "challengerCredit"> & {
  seats: readonly Pick<Seat, "state" | "fee">[];
};

/** The bond of a dispute, in panel fees. */
const BOND_FEES = 4n;

/** Adds up what a market owes to its jobs, its disputes, the network, and its authority. */
export function marketDebts(
  jobs: Iterable<JobDebts>,
  disputes: Iterable<DisputeDebts>,
  fees: bigint,
  deposit: bigint,
): MarketDebts {
  let [escrow, credits, owedByDisputes] = [0n, 0n, 0n];
  for (const job of jobs) {
    if (job.state !== JobState.Settled) escrow += job.escrow;
    credits += job.nodeCredit + job.payerCredit;
  }
  for (const dispute of disputes) owedByDisputes += disputeDebt(dispute);

  return { escrow, credits, disputes: owedByDisputes, fees, deposit };
}

/** The sum of all debts. */
export function totalDebt({ escrow, credits, disputes, fees, deposit }: MarketDebts): bigint {
  return escrow + credits + disputes + fees + deposit;
}

/** The bond while a dispute is open; once it is resolved, what it still owes. */
function disputeDebt({ phase, panelFee, challengerCredit, seats }: DisputeDebts): bigint {
  if (phase !== DisputePhase.Resolved) return BOND_FEES * panelFee;

  const unpaid = seats.filter((seat) => seat.state !== SeatState.Closed);
  return unpaid.reduce((sum, seat) => sum + seat.fee, challengerCredit);
}
