/** The wallets of the browser, by the Wallet Standard. */

import { isSolanaWallet } from "@nosana-programs/client";
import { getWallets } from "@wallet-standard/app";
import type { Wallet } from "@wallet-standard/base";
import { signal } from "@preact/signals";

/** The wallets that can sign transactions of Solana. */
export const wallets = signal<readonly Wallet[]>([]);

/** Follows which wallets the browser has. */
export function followWallets(): void {
  const { get, on } = getWallets();
  const update = () => (wallets.value = get().filter(isSolanaWallet));
  on("register", update);
  on("unregister", update);
  update();
}
