/** The stages of a job in a row, with the time of each. */

import { JobKind, JobState } from "@nosana-programs/client";
import type { Job } from "@nosana-programs/client/jobs";

import { clockText } from "../format/time.ts";
import { Moment } from "./values.tsx";

interface StagePoint {
  name: string;
  at: bigint;
  isDone: boolean;
  isCurrent: boolean;
}

export function StageTrack({ job, takenAt }: { job: Job; takenAt: bigint | undefined }) {
  return (
    <ol class="track" aria-label="Stages of the job">
      {stagePoints(job, takenAt).map(({ name, at, isDone, isCurrent }) => (
        <li
          key={name}
          class={isCurrent ? "current" : isDone ? "done" : "ahead"}
          aria-current={isCurrent ? "step" : undefined}
        >
          <span class="name">{name}</span>
          <span class="when">
            {at > 0n ? (
              <>
                {clockText(at)} · <Moment at={at} />
              </>
            ) : (
              "–"
            )}
          </span>
        </li>
      ))}
    </ol>
  );
}

function stagePoints(job: Job, takenAt: bigint | undefined): StagePoint[] {
  const reached = reachedStage(job, takenAt);
  const hasWindow = job.kind !== JobKind.Service && job.challengeSeconds > 0;
  const isDisputed = job.state === JobState.Challenged;

  const points = [
    { place: 0, name: "Listed", at: job.listedAt },
    { place: 1, name: "Matched", at: takenAt ?? job.matchedAt },
    { place: 2, name: "Running", at: job.startedAt },
    { place: 3, name: isDisputed ? "Disputed" : "Submitted", at: job.submittedAt },
    { place: 4, name: "Settled", at: job.settledAt },
  ].filter(({ place }) => place !== 3 || hasWindow);
  const timed = points.filter(({ place, at }) => at > 0n && place < reached);
  const lastReached = Math.max(...timed.map(({ place }) => place));
  const reachedPoints = points.map(({ place, name, at }) => {
    // A job that ended early has skipped the stages after the last one that has a time.
    const isDone = place < reached && (at > 0n || place < lastReached);
    return { name, at, isDone, isCurrent: place === reached };
  });
  return job.state === JobState.Settled
    ? reachedPoints.filter(({ isDone, isCurrent }) => isDone || isCurrent)
    : reachedPoints;
}

function reachedStage(job: Job, takenAt: bigint | undefined): number {
  switch (job.state) {
    case JobState.Queued:
      return takenAt === undefined ? 0 : 1;
    case JobState.Matched:
      return 1;
    case JobState.Running:
      return 2;
    case JobState.Submitted:
    case JobState.Challenged:
      return 3;
    case JobState.Settled:
      return 4;
  }
}
