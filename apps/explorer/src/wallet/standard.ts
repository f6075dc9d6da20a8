/** Wallets of the browser, by the Wallet Standard. */

import { getWallets } from "@wallet-standard/app";
import type { Wallet, WalletAccount } from "@wallet-standard/base";
import { signal } from "@preact/signals";
import {
  address,
  getTransactionDecoder,
  getTransactionEncoder,
  type TransactionModifyingSigner,
} from "@solana/kit";

/** The features that the page uses. */
interface ConnectFeature {
  connect(): Promise<{ accounts: readonly WalletAccount[] }>;
}
interface SignFeature {
  signTransaction(
    ...inputs: { account: WalletAccount; transaction: Uint8Array; chain: string }[]
  ): Promise<readonly { signedTransaction: Uint8Array }[]>;
}

const CONNECT = "standard:connect";
const SIGN = "solana:signTransaction";

/** The wallets that can sign transactions of Solana. */
export const wallets = signal<readonly Wallet[]>([]);

/** Follows which wallets the browser has. */
export function followWallets(): void {
  const { get, on } = getWallets();
  const update = () => (wallets.value = get().filter(canSign));
  on("register", update);
  on("unregister", update);
  update();
}

/** Asks a wallet for its accounts. */
export async function connectWallet(wallet: Wallet): Promise<readonly WalletAccount[]> {
  const { connect } = wallet.features[CONNECT] as ConnectFeature;
  return (await connect()).accounts.filter(({ chains }) =>
    chains.some((chain) => chain.startsWith("solana:")),
  );
}

/** A signer of kit that asks the wallet for each signature. */
export function walletSigner(
  wallet: Wallet,
  account: WalletAccount,
  chain: string,
): TransactionModifyingSigner {
  const { signTransaction } = wallet.features[SIGN] as SignFeature;
  return {
    address: address(account.address),
    modifyAndSignTransactions: async (transactions) => {
      const inputs = transactions.map((transaction) => ({
        account,
        chain,
        transaction: new Uint8Array(getTransactionEncoder().encode(transaction)),
      }));
      const signed = await signTransaction(...inputs);
      // The wallet may have changed the message, but not how long it is valid.
      return signed.map(({ signedTransaction }, index) => ({
        ...transactions[index],
        ...getTransactionDecoder().decode(signedTransaction),
      })) as never;
    },
  };
}

function canSign({ features, chains }: Wallet): boolean {
  const isOfSolana = chains.some((chain) => chain.startsWith("solana:"));
  return isOfSolana && CONNECT in features && SIGN in features;
}
