/** What the connected wallet may do with a job now. */

import type { Client } from "@nosana-programs/client";
import { JobState } from "@nosana-programs/client";
import type { Job } from "@nosana-programs/client/jobs";
import type { Address } from "@solana/kit";

import { now } from "../data/chainClock.ts";
import { claims, ledger } from "../data/ledger.ts";
import { nameWords } from "../format/words.ts";
import { findPermissions, type Permission } from "../rules/due.ts";
import { session } from "../wallet/session.ts";
import { useAction } from "../wallet/useAction.ts";
import { ActionResult } from "./actionState.tsx";
import { ConfirmButton } from "./confirmButton.tsx";

type Method = (client: Client, job: Address) => Promise<{ signature: string }>;

/** The instructions that need nothing but the job. */
const METHODS: Record<string, Method> = {
  cancel: (client, job) => client.cancelJob(job),
  stop: (client, job) => client.stopJob(job),
  accept: (client, job) => client.acceptResult(job),
  reject: (client, job) => client.rejectResult(job),
  settle: (client, job) => client.market.settleJob(job),
  expire_queued: (client, job) => client.market.expireQueued(job),
  expire_match: (client, job) => client.market.expireMatch(job),
  expire_run: (client, job) => client.market.expireRun(job),
  collect: (client, job) => client.market.collectCredit(job),
  clean: (client, job) => client.market.cleanJob(job),
};

interface JobActionsProps {
  address: Address;
  job: Job;
  isClaimed: boolean;
}

export function JobActions({ address, job, isClaimed }: JobActionsProps) {
  const { state, start } = useAction();
  const actor = session.value?.signer.address;
  if (actor === undefined) return null;

  const takenAt = isClaimed ? claims.value.get(address)?.since : undefined;
  const rights = findPermissions(job, now.value, takenAt).filter((right) =>
    isOf(right, job, actor),
  );
  return (
    <div class="actions">
      <div class="buttons">
        {rights.map(({ action, effect }) => {
          const method = METHODS[action];
          const title = nameWords(action.replaceAll("_", " "));
          return (
            method && (
              <ConfirmButton
                // Another effect asks again: the job may start between question and answer.
                key={`${action}: ${effect}`}
                title={title}
                effect={effect}
                isDisabled={state.kind === "running"}
                onConfirm={() => start(title, (client) => method(client, address))}
              />
            )
          );
        })}
      </div>
      {rights.length === 0 && job.state !== JobState.Settled && (
        <p class="fine">The connected wallet has nothing to do with this job now.</p>
      )}
      <ActionResult state={state} />
    </div>
  );
}

/** Whether the wallet is the party that a right belongs to. */
function isOf({ who }: Permission, job: Job, actor: Address): boolean {
  switch (who) {
    case "anyone":
      return true;
    case "client":
      return job.client === actor;
    case "payer":
      return job.payer === actor;
    case "node":
      return ledger.nodes.get(job.node)?.authority === actor;
  }
}
