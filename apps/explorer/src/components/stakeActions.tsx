/** What a staker does: open a stake, add to it, enter the pool, claim, and leave. */

import type { Client } from "@nosana-programs/client";
import { useState } from "preact/hooks";
import type { Address } from "@solana/kit";

import { ledger } from "../data/ledger.ts";
import { session } from "../wallet/session.ts";
import { useAction } from "../wallet/useAction.ts";
import { ActionResult } from "./actionState.tsx";
import { Card } from "./card.tsx";
import { ConfirmButton } from "./confirmButton.tsx";
import { Empty, Note } from "./notices.tsx";
import { parseAmount } from "./projection.tsx";
import { StakeCard, useStakeAddresses } from "./stakeCard.tsx";

const DAY = 86_400n;

export function StakeActions() {
  const owner = session.value?.signer.address;
  if (owner === undefined) {
    return (
      <Card title="Your stake">
        <Empty>Connect a wallet to stake, claim, and leave.</Empty>
      </Card>
    );
  }
  return (
    <>
      <StakeCard owner={owner} title="Your stake" />
      <Actions owner={owner} />
    </>
  );
}

/** An action that needs no input. */
interface SimpleAction {
  title: string;
  effect: string;
  act: (client: Client) => Promise<{ signature: string }>;
}

function Actions({ owner }: { owner: Address }) {
  const { state, start } = useAction();
  const addresses = useStakeAddresses(owner);
  const stake = addresses && ledger.stakes.get(addresses.stake);
  const isInPool = addresses && ledger.positions.get(addresses.position) !== undefined;
  const isBusy = state.kind === "running";

  return (
    <Card title="Act as a staker">
      {stake?.unstakedAt === 0n || !stake ? (
        <StakeForm
          hasStake={stake !== undefined}
          isBusy={isBusy}
          onStake={(amount, days) =>
            start("Stake", (client) =>
              stake
                ? client.staker.topUp(amount)
                : client.staker.openStake(amount, BigInt(days) * DAY),
            )
          }
        />
      ) : null}
      <div class="buttons">
        {stake &&
          chooseActions(stake.unstakedAt > 0n, isInPool === true).map(({ title, effect, act }) => (
            <ConfirmButton
              key={title}
              title={title}
              effect={effect}
              isDisabled={isBusy}
              onConfirm={() => start(title, act)}
            />
          ))}
      </div>
      <ActionResult state={state} />
    </Card>
  );
}

function chooseActions(isUnstaked: boolean, isInPool: boolean): SimpleAction[] {
  const claim = {
    title: "Claim",
    effect: "Pays what your position has earned to your token account",
    act: (client: Client) => client.staker.claim(),
  };
  const enter = {
    title: "Enter the pool",
    effect: "Opens a position with your stake’s weight",
    act: (client: Client) => client.staker.enter(),
  };
  const unstake = {
    title: "Unstake",
    effect: "Starts the cooldown: your stake weighs and earns nothing from now on",
    act: (client: Client) => client.staker.unstake(),
  };
  const withdraw = {
    title: "Withdraw",
    effect: "Releases collateral that no job uses, and pays what the cooldown has released",
    act: (client: Client) => client.staker.withdraw(),
  };
  const restake = {
    title: "Restake",
    effect: "Ends the cooldown, and stakes what is left again",
    act: (client: Client) => client.staker.restake(),
  };

  if (isUnstaked) return [withdraw, restake, ...(isInPool ? [claim] : [])];
  return isInPool ? [claim, unstake] : [enter, unstake];
}

interface StakeFormProps {
  hasStake: boolean;
  isBusy: boolean;
  onStake: (amount: bigint, days: number) => void;
}

function StakeForm({ hasStake, isBusy, onStake }: StakeFormProps) {
  const [amount, setAmount] = useState("");
  const [days, setDays] = useState(365);
  const parsed = parseAmount(amount);

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (parsed !== undefined && parsed > 0n) onStake(parsed, days);
  };
  return (
    <form class="fields" onSubmit={submit}>
      <label>
        {hasStake ? "NOS to add" : "NOS to stake"}
        <input
          name="amount"
          inputmode="decimal"
          value={amount}
          placeholder="100"
          onInput={(event) => setAmount(event.currentTarget.value)}
        />
      </label>
      {!hasStake && (
        <label>
          Cooldown, {days} days
          <input
            type="range"
            min="14"
            max="365"
            value={days}
            onInput={(event) => setDays(Number(event.currentTarget.value))}
          />
        </label>
      )}
      {amount !== "" && parsed === undefined && (
        <Note tone="bad">Enter an amount such as 1000 or 12.5.</Note>
      )}
      <button type="submit" class="primary" disabled={isBusy || parsed === undefined}>
        {hasStake ? "Add to the stake" : "Stake"}
      </button>
    </form>
  );
}
