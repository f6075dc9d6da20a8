/** The programs' enumerations in words. */

import { JobKind, JobState, Reason, ReturnCause, SlotState } from "@nosana-programs/client";
import { DisputePhase, Outcome } from "@nosana-programs/client/jobs";

/** How a state looks: what waits, what runs, what ended well, what did not. */
export type Tone = "waiting" | "active" | "good" | "bad" | "quiet";

export const STATE_WORDS: Record<JobState, string> = {
  [JobState.Queued]: "Queued",
  [JobState.Matched]: "Matched",
  [JobState.Running]: "Running",
  [JobState.Submitted]: "Submitted",
  [JobState.Challenged]: "Disputed",
  [JobState.Settled]: "Settled",
};

export const KIND_WORDS: Record<JobKind, string> = {
  [JobKind.Batch]: "Batch",
  [JobKind.Service]: "Service",
  [JobKind.VerifiedBatch]: "Verified batch",
};

/** Why a job was settled, as a sentence. */
export const REASON_WORDS: Record<Reason, string> = {
  [Reason.None]: "Not settled yet",
  [Reason.Completed]: "Completed",
  [Reason.Cancelled]: "Cancelled by its client",
  [Reason.ClientStopped]: "Stopped by its client",
  [Reason.HeartbeatLost]: "The node stopped sending heartbeats",
  [Reason.DeadlineExceeded]: "No result before the deadline",
  [Reason.AttemptsExhausted]: "Too many nodes failed",
  [Reason.Expired]: "Waited too long in the queue",
  [Reason.Unplaceable]: "No node takes it",
  [Reason.BackingLost]: "The node lost its stake",
  [Reason.ResultRejected]: "The client rejected the result",
  [Reason.ResultWrong]: "A panel found the result wrong",
};

/** Why a job returned to its queue. */
export const CAUSE_WORDS: Record<ReturnCause, string> = {
  [ReturnCause.None]: "it never returned",
  [ReturnCause.Unspecified]: "the node gave no reason",
  [ReturnCause.ContentUnavailable]: "the node could not read the content",
  [ReturnCause.DefinitionInvalid]: "the definition is not valid",
  [ReturnCause.Unsupported]: "the node does not support it",
  [ReturnCause.ImageUnavailable]: "the node could not fetch the image",
  [ReturnCause.NodeBusy]: "the node was busy",
  [ReturnCause.NodeStopping]: "the node was stopping",
  [ReturnCause.NodeFault]: "the node had a fault",
  [ReturnCause.NotStarted]: "the node did not start it in time",
  [ReturnCause.HeartbeatLost]: "the node stopped sending heartbeats",
  [ReturnCause.BackingLost]: "the node lost its stake",
  [ReturnCause.ResultRejected]: "the client rejected the result",
};

export const SLOT_WORDS: Record<SlotState, string> = {
  [SlotState.Free]: "Free",
  [SlotState.Waiting]: "Waiting",
  [SlotState.Claimed]: "Claimed",
  [SlotState.Running]: "Running",
  [SlotState.Resting]: "Resting",
};

export const PHASE_WORDS: Record<DisputePhase, string> = {
  [DisputePhase.Seating]: "Seats are taken",
  [DisputePhase.Committing]: "Panelists commit",
  [DisputePhase.Opening]: "The node opens its trace",
  [DisputePhase.Voting]: "Panelists vote",
  [DisputePhase.Over]: "Over, not resolved yet",
  [DisputePhase.Resolved]: "Resolved",
};

export const OUTCOME_WORDS: Record<Outcome, string> = {
  [Outcome.None]: "none yet",
  [Outcome.Undecided]: "undecided",
  [Outcome.Convicted]: "the result is wrong",
  [Outcome.NotOpened]: "the node did not open its trace",
  [Outcome.TraceRefuted]: "the trace is refuted",
  [Outcome.Acquitted]: "the result is right",
};

const CAPABILITIES = ["commands", "network", "containers", "GPUs in containers"];

/** What a node reports that it can do; bits of later versions are left out. */
export function capabilityWords(flags: number): string[] {
  return CAPABILITIES.filter((_, bit) => (flags & (1 << bit)) !== 0);
}

/** The tone of a job. */
export function stateTone(state: JobState, reason: Reason): Tone {
  switch (state) {
    case JobState.Queued:
    case JobState.Matched:
      return "waiting";
    case JobState.Running:
    case JobState.Submitted:
      return "active";
    case JobState.Challenged:
      return "bad";
    case JobState.Settled:
      return reason === Reason.Completed ? "good" : "quiet";
  }
}

/** Splits a name such as `JobSettled` or `expireRun` into words: `Job settled`. */
export function nameWords(name: string): string {
  const words = name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
