/** Addresses, derived from the seeds that an IDL gives. */

import { type Idl, web3 } from "@anchor-lang/core";
import BN from "bn.js";

/** The values of the accounts and arguments of a seed, by their names in the IDL. */
export type SeedValues = Record<string, web3.PublicKey | BN>;

/** The address of `account`, from the seeds that the IDL gives at the instruction that makes it. */
export function deriveAddress(idl: Idl, instruction: string, account: string, values: SeedValues = {}): web3.PublicKey {
  const accounts = idl.instructions.find(({ name }) => name === instruction)?.accounts ?? [];
  const pda = accounts.flatMap((item) => (item.name === account && "pda" in item && item.pda ? [item.pda] : []))[0];
  if (!pda) throw new Error(`the IDL has no seeds of ${account} in ${instruction}`);
  const seeds = pda.seeds.map((seed) =>
    seed.kind === "const" ? Uint8Array.from(seed.value) : bytes(seed.path, values),
  );
  if (pda.program && pda.program.kind !== "const")
    throw new Error(`${account} is derived by a program that the IDL does not name`);
  const program = new web3.PublicKey(pda.program ? Uint8Array.from(pda.program.value) : idl.address);
  return web3.PublicKey.findProgramAddressSync(seeds, program)[0];
}

/** Integers in seeds are little-endian and 8 bytes long. */
function bytes(path: string, values: SeedValues): Uint8Array {
  const value = values[path];
  if (value === undefined) throw new Error(`no value was given for the seed ${path}`);
  return BN.isBN(value) ? Uint8Array.from(value.toArray("le", 8)) : value.toBytes();
}
