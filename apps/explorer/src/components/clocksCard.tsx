/** The clocks of a job that run, and who may do what now. */

import type { Job } from "@nosana-programs/client/jobs";

import { now } from "../data/chainClock.ts";
import { momentText } from "../format/time.ts";
import { runningClocks } from "../rules/clocks.ts";
import { findPermissions, type Actor } from "../rules/due.ts";
import { Card } from "./card.tsx";
import { Empty } from "./notices.tsx";
import { Countdown } from "./values.tsx";

const ACTOR_WORDS: Record<Actor, string> = {
  client: "The client",
  node: "The node",
  anyone: "Anyone",
  payer: "The payer",
};

export function ClocksCard({ job, takenAt }: { job: Job; takenAt: bigint | undefined }) {
  const clocks = runningClocks(job, takenAt);
  return (
    <Card title="Clocks">
      {clocks.length === 0 && <Empty>No clock of the job runs; the dispute has its own.</Empty>}
      <ul class="clocks">
        {clocks.map(({ name, endsAt, then }) => (
          <li key={name}>
            <div class="line">
              <b>{name}</b> <Countdown endsAt={endsAt} />
            </div>
            <div class="fine">
              Until {momentText(endsAt)}; then {then}.
            </div>
          </li>
        ))}
      </ul>
    </Card>
  );
}

export function RightsCard({ job, takenAt }: { job: Job; takenAt: bigint | undefined }) {
  const rights = findPermissions(job, now.value, takenAt);
  return (
    <Card title="Who may do what now">
      {rights.length === 0 && <Empty>Nobody has anything to do until the retention is over.</Empty>}
      <ul class="rights">
        {rights.map(({ who, action, effect }) => (
          <li key={`${who} ${action}`}>
            <b>{ACTOR_WORDS[who]}</b> <code>{action}</code>: {effect}.
          </li>
        ))}
      </ul>
    </Card>
  );
}
