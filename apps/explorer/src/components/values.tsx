/** Values with a form of their own: amounts, addresses, times, states. */

import { JobState, NO_ADDRESS, Reason } from "@nosana-programs/client";
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

import { now } from "../data/chainClock.ts";
import { amountText, exactText, shortAddress } from "../format/amount.ts";
import { durationText, momentText, relativeText } from "../format/time.ts";
import type { LinkTarget } from "../routes.ts";
import { REASON_WORDS, STATE_WORDS, stateTone, type Tone } from "../format/words.ts";

/** Base units in NOS. */
export function Amount({ value, exact, unit }: { value: bigint; exact?: boolean; unit?: string }) {
  return (
    <span class="amount" title={`${value} base units`}>
      {exact ? exactText(value) : amountText(value)}
      {unit !== "" && <span class="unit"> {unit ?? "NOS"}</span>}
    </span>
  );
}

/** A link to an account's page; a dash where there is none. */
export function AddressLink(props: { to: LinkTarget; address: string; long?: boolean }) {
  const { to, address, long } = props;
  if (address === NO_ADDRESS || address === "") return <span class="quiet">–</span>;
  return (
    <a class="mono" href={`#/${to}/${address}`} title={address}>
      {long ? address : shortAddress(address)}
    </a>
  );
}

/** A whole address, with a button that copies it. */
export function FullAddress({ address }: { address: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    const timer = copied ? setTimeout(() => setCopied(false), 1_500) : undefined;
    return () => clearTimeout(timer);
  }, [copied]);

  const copy = () => void navigator.clipboard?.writeText(address).then(() => setCopied(true));
  return (
    <span class="full-address">
      <span class="mono">{address}</span>
      <button type="button" class="small" onClick={copy} aria-label={`Copy ${address}`}>
        {copied ? "Copied" : "Copy"}
      </button>
      <span class="hidden" role="status">
        {copied ? "The address is copied" : ""}
      </span>
    </span>
  );
}

/** How long ago something happened; a dash if it has not. */
export function Moment({ at }: { at: bigint }) {
  if (at === 0n) return <span class="quiet">–</span>;
  return (
    <time dateTime={momentText(at).replace(" ", "T") + "Z"} title={`${momentText(at)} UTC`}>
      {relativeText(at, now.value)}
    </time>
  );
}

/** The time until a clock is over, counting down. */
export function Countdown({ endsAt }: { endsAt: bigint }) {
  const left = endsAt - now.value;
  if (left < 0n) return <span class="bad">over since {durationText(-left)}</span>;
  return <span class="number">{durationText(left)} left</span>;
}

export function Badge({ tone, children }: { tone: Tone; children: ComponentChildren }) {
  return <span class={`badge ${tone}`}>{children}</span>;
}

/** The state of a job; of a settled one, the reason if it is not the usual one. */
export function StateBadge(props: { state: JobState; reason: Reason; isTaken?: boolean }) {
  const { state, reason, isTaken } = props;
  const word = isTaken && state === JobState.Queued ? "Matched" : STATE_WORDS[state];
  return (
    <Badge tone={stateTone(state, reason)}>
      <span title={state === JobState.Settled ? REASON_WORDS[reason] : undefined}>{word}</span>
    </Badge>
  );
}
