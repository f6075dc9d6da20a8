/** What a wallet has. */

import { findTokenAddress } from "@nosana-programs/client";
import type { Address } from "@solana/kit";
import { useEffect, useRef, useState } from "preact/hooks";

import { feed } from "./feed.ts";
import { ledger } from "./ledger.ts";
import { connection } from "./network.ts";

export interface Balances {
  /** Base units in the associated token account; zero if there is none. */
  nos: bigint;
  /** SOL as text, with all decimals that are not zero. */
  sol: string;
}

/** The balances are read at most so often, however many events there are. */
const READ_MS = 2_000;

/** Reads the balances, and again after events of the programs. */
export function useBalances(owner: Address | undefined): Balances | undefined {
  const [known, setKnown] = useState<{ owner: Address; balances: Balances } | undefined>(undefined);
  const readAt = useRef(-READ_MS);
  const latest = feed.value[0]?.key;

  useEffect(() => {
    if (owner === undefined) return;
    let isCurrent = true;
    const read = async () => {
      readAt.current = performance.now();
      const balances = await readBalances(owner);
      if (isCurrent) setKnown({ owner, balances });
    };

    const wait = owner === known?.owner ? readAt.current + READ_MS - performance.now() : 0;
    // Without an answer the last balances stay; the header shows that the network does not answer.
    const timer = setTimeout(() => void read().catch(() => {}), Math.max(wait, 0));
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [owner, latest]);

  return known?.owner === owner ? known?.balances : undefined;
}

async function readBalances(owner: Address): Promise<Balances> {
  const { rpc } = connection();
  const lamports = (await rpc.getBalance(owner, { commitment: "confirmed" }).send()).value;
  return { nos: await readNos(owner), sol: solText(lamports) };
}

async function readNos(owner: Address): Promise<bigint> {
  const [config] = ledger.jobsConfig.values();
  if (!config) return 0n;
  const account = await findTokenAddress(owner, config.nosMint);
  try {
    const { rpc } = connection();
    const { value } = await rpc.getTokenAccountBalance(account, { commitment: "confirmed" }).send();
    return BigInt(value.amount);
  } catch {
    // The wallet has no token account of NOS.
    return 0n;
  }
}

const LAMPORTS_PER_SOL = 1_000_000_000n;

/** Lamports as SOL. */
export function solText(lamports: bigint): string {
  const fraction = (lamports % LAMPORTS_PER_SOL).toString().padStart(9, "0").replace(/0+$/, "");
  return `${lamports / LAMPORTS_PER_SOL}${fraction === "" ? "" : `.${fraction}`}`;
}
