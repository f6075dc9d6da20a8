/** What a client lists, and what it learns of it. */

import type { Address } from "@solana/kit";

import type { JobListing } from "../actions/index.js";
import type { ContentId } from "../content/identifier.js";
import type { Receipt } from "../transaction/send.js";

/** A job to list, whose definition is stored. */
export interface ListRequest extends Omit<
  JobListing,
  "client" | "mint" | "nonce" | "definition" | "maxPricePerSecond"
> {
  /** The identifier of the stored definition. */
  definition: ContentId;
  /** Distinguishes the jobs of one client; random unless it is set. */
  nonce?: number | bigint | undefined;
  /**
   * Highest accepted price, in base units per second; the market's current price unless it is set.
   */
  maxPricePerSecond?: number | bigint | undefined;
}

/** A job to list, with its definition. */
export type PostRequest = Omit<ListRequest, "definition"> & { definition: JobDefinition };

/** A definition; `docs/schema` has its JSON schema. */
export interface JobDefinition {
  version: string;
  ops: readonly { id: string; type: string; args: object }[];
  [key: string]: unknown;
}

/** A listed job. */
export interface ListedJob extends Receipt {
  job: Address;
  nonce: bigint;
  definition: ContentId;
}

/** What a job costs at most. */
export interface JobQuote {
  /** The market's current price, in base units per second. */
  pricePerSecond: bigint;
  /** The deposit, in base units: what is not used comes back. */
  deposit: bigint;
}
