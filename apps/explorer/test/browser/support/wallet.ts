/** A wallet of the Wallet Standard in the page, which signs without asking. */

import type { Page } from "playwright-core";

/**
 * Registers the wallet, as an extension does. It signs with the browser's own Ed25519, so that
 * nothing of the page's code is in it.
 */
export async function installWallet(page: Page, secretKey: readonly number[]): Promise<void> {
  await page.evaluate(async (bytes) => {
    const ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    const publicKey = Uint8Array.from(bytes.slice(32));
    // PKCS #8 of an Ed25519 key: a fixed head, then the 32 bytes of the seed.
    const head = [48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32];
    const key = await crypto.subtle.importKey(
      "pkcs8",
      Uint8Array.from([...head, ...bytes.slice(0, 32)]),
      "Ed25519",
      false,
      ["sign"],
    );

    const encode = (data: Uint8Array): string => {
      let value = data.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
      let text = "";
      for (; value > 0n; value /= 58n) text = ALPHABET[Number(value % 58n)] + text;
      return text;
    };
    const account = {
      address: encode(publicKey),
      publicKey,
      chains: ["solana:localnet"],
      features: ["solana:signTransaction"],
    };

    const signTransaction = async (...inputs: { transaction: Uint8Array }[]) =>
      await Promise.all(
        inputs.map(async ({ transaction }) => {
          // One signer: a count, its signature, and the message.
          const signed = transaction.slice();
          const message = signed.slice(1 + 64);
          signed.set(new Uint8Array(await crypto.subtle.sign("Ed25519", key, message)), 1);
          return { signedTransaction: signed };
        }),
      );
    const wallet = {
      version: "1.0.0",
      name: "Test wallet",
      icon: "data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciLz4=",
      chains: ["solana:localnet"],
      accounts: [account],
      features: {
        "standard:connect": { version: "1.0.0", connect: async () => ({ accounts: [account] }) },
        "solana:signTransaction": {
          version: "1.0.0",
          supportedTransactionVersions: [0],
          signTransaction,
        },
      },
    };
    const register = (api: { register(wallet: object): void }) => api.register(wallet);
    window.dispatchEvent(new CustomEvent("wallet-standard:register-wallet", { detail: register }));
  }, secretKey);
}
