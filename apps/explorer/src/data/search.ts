/** Finds the page of what somebody typed: an address, a signature, or a CID. */

import { toDigest } from "@nosana-programs/client";
import { JOB_ACCOUNT } from "@nosana-programs/client/jobs";
import { isAddress, isSignature, type Address } from "@solana/kit";

import { ledger } from "./ledger.ts";

/** Returns the hash route of a text; undefined if it is none of them. */
export function findRoute(typed: string): string | undefined {
  const text = typed.trim();
  if (isAddress(text)) return `#/${pageOf(text)}/${text}`;
  if (isSignature(text)) return `#/tx/${text}`;

  const job = findByContent(text);
  return job && `#/job/${job}`;
}

/** The page of an address: that of its account if it is one of the programs'. */
function pageOf(address: Address): string {
  if (ledger.markets.get(address)) return "market";
  if (ledger.jobs.get(address)) return "job";
  if (ledger.nodes.get(address)) return "node";
  return "address";
}

/** The job whose definition or result has this identifier. */
function findByContent(text: string): Address | undefined {
  let digest: Uint8Array;
  try {
    digest = toDigest(text);
  } catch {
    return undefined;
  }
  const { definition, result } = JOB_ACCOUNT.fields;

  for (const [address, { bytes }] of ledger.jobs.entries()) {
    if (holds(bytes, digest, definition.offset) || holds(bytes, digest, result.offset)) {
      return address;
    }
  }
  return undefined;
}

function holds(bytes: Uint8Array, part: Uint8Array, offset: number): boolean {
  return part.every((byte, index) => bytes[offset + index] === byte);
}
