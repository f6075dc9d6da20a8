/**
 * Wallets of browsers, by the Wallet Standard. The types name what is used of it, so that the
 * objects of `@wallet-standard/app`, or of any other way to find wallets, fit.
 */

import {
  address,
  getTransactionDecoder,
  getTransactionEncoder,
  type TransactionModifyingSigner,
} from "@solana/kit";

/** What is used of a wallet. */
export interface StandardWallet {
  readonly name: string;
  /** The chains that it knows, such as `solana:devnet`. */
  readonly chains: readonly string[];
  /** What it can do, by the names of the standard. */
  readonly features: object;
}

/** What is used of an account of a wallet. */
export interface StandardAccount {
  readonly address: string;
  readonly chains: readonly string[];
}

interface ConnectFeature {
  connect(): Promise<{ accounts: readonly StandardAccount[] }>;
}
interface SignFeature {
  signTransaction(
    ...inputs: { account: StandardAccount; transaction: Uint8Array; chain: string }[]
  ): Promise<readonly { signedTransaction: Uint8Array }[]>;
}
interface Features {
  "standard:connect"?: ConnectFeature;
  "solana:signTransaction"?: SignFeature;
}

/** Whether a wallet signs transactions of Solana. */
export function isSolanaWallet({ chains, features }: StandardWallet): boolean {
  const { "standard:connect": connect, "solana:signTransaction": sign } = features as Features;
  return chains.some(isOfSolana) && connect !== undefined && sign !== undefined;
}

/** Asks a wallet for its accounts; returns those of Solana. */
export async function connectWallet(wallet: StandardWallet): Promise<readonly StandardAccount[]> {
  const connection = (wallet.features as Features)["standard:connect"];
  if (!connection) throw new Error(`${wallet.name} cannot be connected to pages`);

  const { accounts } = await connection.connect();
  return accounts.filter(({ chains }) => chains.some(isOfSolana));
}

/** A signer that asks the wallet for each signature; `chain` is such as `solana:devnet`. */
export function walletSigner(
  wallet: StandardWallet,
  account: StandardAccount,
  chain: string,
): TransactionModifyingSigner {
  const signing = (wallet.features as Features)["solana:signTransaction"];
  if (!signing) throw new Error(`${wallet.name} does not sign transactions of Solana`);

  return {
    address: address(account.address),
    modifyAndSignTransactions: async (transactions) => {
      const inputs = transactions.map((transaction) => ({
        account,
        chain,
        transaction: new Uint8Array(getTransactionEncoder().encode(transaction)),
      }));
      const signed = await signing.signTransaction(...inputs);
      if (signed.length !== inputs.length) {
        throw new Error(
          `${wallet.name} returned ${signed.length} of ${inputs.length} transactions`,
        );
      }

      // The wallet may have changed the message, but not how long it is valid.
      return signed.map(({ signedTransaction }, index) => ({
        ...transactions[index],
        ...getTransactionDecoder().decode(signedTransaction),
      })) as never;
    },
  };
}

function isOfSolana(chain: string): boolean {
  return chain.startsWith("solana:");
}
