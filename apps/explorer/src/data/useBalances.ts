/** What a wallet has. */

import { findTokenAddress } from "@nosana-programs/client";
import type { Address } from "@solana/kit";
import { useEffect, useState } from "preact/hooks";

import { feed } from "./feed.ts";
import { ledger } from "./ledger.ts";
import { connection } from "./network.ts";

export interface Balances {
  /** Base units in the associated token account; zero if there is none. */
  nos: bigint;
  /** SOL as text, with all decimals that are not zero. */
  sol: string;
}

/** Reads the balances, and again after each event of the programs. */
export function useBalances(owner: Address | undefined): Balances | undefined {
  const [balances, setBalances] = useState<Balances | undefined>(undefined);
  const latest = feed.value[0]?.key;

  useEffect(() => {
    let isCurrent = true;
    if (owner !== undefined) {
      readBalances(owner).then(
        (read) => isCurrent && setBalances(read),
        () => isCurrent && setBalances(undefined),
      );
    }
    return () => {
      isCurrent = false;
    };
  }, [owner, latest]);

  return balances;
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
