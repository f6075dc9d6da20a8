/** Events as sentences. */

import { NO_ADDRESS, type NosanaEvent } from "@nosana-programs/client";

import { amountText, countText, rateText } from "./amount.ts";
import { durationText } from "./time.ts";
import { CAUSE_WORDS, nameWords, REASON_WORDS, type Tone } from "./words.ts";

/** What an event says, without the addresses that it names. */
export function eventText(event: NosanaEvent): string {
  switch (event.program) {
    case "jobs":
      return jobsText(event);
    case "staking":
      return stakingText(event);
    case "rewards":
      return rewardsText(event);
  }
}

/** How an event looks in a list. */
export function eventTone({ name }: NosanaEvent): Tone {
  if (/Slashed|Rejected|Challenged|Forfeited/.test(name)) return "bad";
  if (/Settled|Claimed|Collected|Resolved/.test(name)) return "good";
  if (/Started|Submitted|Heartbeat/.test(name)) return "active";
  return /Listed|Requeued|Offered|Opened/.test(name) ? "waiting" : "quiet";
}

const nos = (amount: bigint) => `${amountText(amount)} NOS`;
const words = (table: Record<number, string>, value: bigint) => table[Number(value)] ?? `${value}`;

function jobsText(event: Extract<NosanaEvent, { program: "jobs" }>): string {
  switch (event.name) {
    case "JobListed":
      return (
        `Listed for up to ${durationText(event.data.timeoutSeconds)}, ` +
        `${nos(event.data.escrow)} deposited`
      );
    case "JobStarted":
      return "Started: the pay clock runs";
    case "JobHeartbeat":
      return `Heartbeat, ${rateText(event.data.progressBps)} done`;
    case "JobSubmitted":
      return "Result submitted";
    case "JobSettled":
      return (
        `${words(REASON_WORDS, event.data.reason)}: ${nos(event.data.nodeAmount)} to the node, ` +
        `${nos(event.data.networkAmount)} to the stakers, ${nos(event.data.payerAmount)} back`
      );
    case "JobRequeued":
      return `Back in the queue: ${words(CAUSE_WORDS, event.data.cause)}`;
    case "JobExtended":
      return `Extended to ${durationText(event.data.timeoutSeconds)}`;
    case "JobToppedUp":
      return `Budget raised by ${nos(event.data.amount)}`;
    case "JobCancelRequested":
      return "The client asked to cancel it";
    case "JobClosed":
      return "Account closed, its rent returned";
    case "WorkOffered":
      return event.data.job === NO_ADDRESS ? "The node waits for work" : "A node took the job";
    case "NodeRegistered":
      return `Node registered with ${countText(event.data.capacity, "slot")}`;
    case "FeesSwept":
      return `${nos(event.data.amount)} of fees sent to the stakers`;
    case "CreditCollected":
      return `Credit of ${nos(event.data.amount)} collected`;
    case "CreditForfeited":
      return `Credit of ${nos(event.data.amount)} became fees`;
    case "ResultRejected":
      return `Result rejected, ${nos(event.data.amount)} to the stakers instead of the node`;
    case "ResultChallenged":
      return `Result disputed, with a bond of ${nos(event.data.bond)}`;
    case "DisputeResolved":
      return `Dispute resolved, ${nos(event.data.slashed)} slashed`;
    case "MarketTermsChanged":
      return event.data.from === 0n ? "Terms of the market changed" : "New terms announced";
    default:
      return nameWords(event.name);
  }
}

function stakingText(event: Extract<NosanaEvent, { program: "staking" }>): string {
  switch (event.name) {
    case "Staked":
      return `Staked ${nos(event.data.amount)} for ${durationText(event.data.durationSeconds)}`;
    case "ToppedUp":
      return `Stake raised by ${nos(event.data.added)} to ${nos(event.data.amount)}`;
    case "Slashed":
      return (
        `Slashed ${nos(event.data.amount)}, and ${nos(event.data.delegated)} of delegations; ` +
        `${nos(event.data.burned)} burnt`
      );
    case "CollateralChanged":
      return `Collateral ${nos(event.data.lockedBefore)} → ${nos(event.data.lockedAfter)}`;
    case "Unstaked":
      return `Unstaked ${nos(event.data.amount)}: the cooldown runs`;
    case "Withdrawn":
    case "DelegationWithdrawn":
      return `Withdrew ${nos(event.data.amount)}`;
    case "Restaked":
      return `Restaked ${nos(event.data.amount)}`;
    case "Delegated":
      return `Delegated ${nos(event.data.amount)}`;
    case "DelegationClaimed":
    case "CommissionClaimed":
      return `${nameWords(event.name)}: ${nos(event.data.amount)}`;
    default:
      return nameWords(event.name);
  }
}

function rewardsText(event: Extract<NosanaEvent, { program: "rewards" }>): string {
  switch (event.name) {
    case "Claimed":
      return `Claimed ${nos(event.data.amount)} of rewards`;
    case "IncomeCounted":
      return `${nos(event.data.amount)} of income for the stakers`;
    case "IncomeReturned":
      return `${nos(event.data.amount)} of a stake that had left became income again`;
    case "Funded":
      return `Pool funded with ${nos(event.data.amount)}`;
    case "StreamOpened":
      return `Emission stream of ${nos(event.data.amount)} opened`;
    case "StreamDripped":
      return `${nos(event.data.amount)} of a stream became income`;
    case "Entered":
      return `Entered the pool with ${amountText(event.data.weight)} xNOS`;
    case "Exited":
      return `Left the pool with ${nos(event.data.amount)}`;
    default:
      return nameWords(event.name);
  }
}
