/** Connects a wallet of the browser, or, on a local network, a key file. */

import { connectWallet, walletSigner } from "@nosana-programs/client";
import type { Wallet } from "@wallet-standard/base";
import { useEffect, useRef, useState } from "preact/hooks";

import { hostOf, isLocal, settings } from "../data/settings.ts";
import { shortAddress } from "../format/amount.ts";
import { findChain, session, useKeyFile } from "../wallet/session.ts";
import { followWallets, wallets } from "../wallet/standard.ts";
import { Empty, Note } from "./notices.tsx";
import { FullAddress } from "./values.tsx";

followWallets();

export function WalletButton() {
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useRef<HTMLHeadingElement>(null);
  const known = session.value;

  // The button that connected, or disconnected, is gone.
  useEffect(() => {
    if (dialog.current?.open) title.current?.focus();
  }, [known]);
  return (
    <>
      <button type="button" class="wallet" onClick={() => dialog.current?.showModal()}>
        {known ? (
          shortAddress(known.signer.address)
        ) : (
          <>
            <span class="wide">Connect wallet</span>
            <span class="narrow">Wallet</span>
          </>
        )}
      </button>
      <dialog ref={dialog} aria-labelledby="wallet-title">
        <h2 id="wallet-title" ref={title} tabIndex={-1}>
          {known ? "Wallet, connected" : "Wallet"}
        </h2>
        <p class="fine">
          It signs for the network that <span class="mono">{hostOf(settings.value.url)}</span>{" "}
          reports, which the address of this page may have chosen. Connect it only to a server that
          you trust.
        </p>
        {known ? <Connected /> : <Choices />}
        <div class="buttons">
          <button type="button" onClick={() => dialog.current?.close()}>
            Close
          </button>
        </div>
      </dialog>
    </>
  );
}

function Connected() {
  const known = session.value;
  if (!known) return null;
  return (
    <>
      <p>
        {known.name}: <FullAddress address={known.signer.address} />
      </p>
      <p>
        <a href={`#/address/${known.signer.address}`}>What this wallet does</a>
      </p>
      <button type="button" onClick={() => (session.value = undefined)}>
        Disconnect
      </button>
    </>
  );
}

function Choices() {
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const attempt = (act: () => Promise<void>) => {
    setProblem(undefined);
    act().catch((error: unknown) =>
      setProblem(error instanceof Error ? error.message : String(error)),
    );
  };

  return (
    <>
      {wallets.value.length === 0 && (
        <Empty>This browser has no wallet for Solana. Install one, and reload the page.</Empty>
      )}
      <ul class="plain">
        {wallets.value.map((wallet) => (
          <li key={wallet.name}>
            <button type="button" onClick={() => attempt(() => useWallet(wallet))}>
              <img src={wallet.icon} alt="" width="18" height="18" /> {wallet.name}
            </button>
          </li>
        ))}
      </ul>
      {isLocal(settings.value.url) && (
        <label>
          Key file, for this local network only: it is in the folder that{" "}
          <code>nosana localnet</code> prints as “keys”
          <input
            type="file"
            name="key"
            accept=".json,application/json"
            onChange={(event) => {
              const file = event.currentTarget.files?.[0];
              if (file) attempt(async () => useKeyFile(await file.text(), file.name));
            }}
          />
        </label>
      )}
      <div role="alert">{problem !== undefined && <Note tone="bad">{problem}</Note>}</div>
    </>
  );
}

async function useWallet(wallet: Wallet): Promise<void> {
  const [account] = await connectWallet(wallet);
  if (!account) throw new Error(`${wallet.name} shares no account of Solana with this page`);
  const chain = await findChain();
  if (!account.chains.some((each) => each === chain)) {
    throw new Error(`${wallet.name} does not sign for ${chain}; choose another network or wallet`);
  }
  const signer = walletSigner(wallet, account, chain);
  session.value = { signer, name: wallet.name };
}
