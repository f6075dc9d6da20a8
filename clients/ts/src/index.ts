/**
 * The client of the Nosana job marketplace. Runs in browsers and in Node.js;
 * `@nosana-programs/client/node` adds what needs Node.js, and `/jobs`, `/staking` and `/rewards`
 * are the generated clients of the programs.
 */

export * as actions from "./actions/index.js";
export * from "./chain/addresses.js";
export * from "./content/index.js";
export {
  fetchAccount,
  findAccount,
  listAccounts,
  type AccountData,
  type AccountFilter,
  type AccountKind,
  type FoundAccount,
} from "./chain/accounts.js";
export type { Connection } from "./chain/connection.js";
export { decodeEvent, decodeEvents, isAbout, type NosanaEvent } from "./chain/events.js";
export { fetchHistory, fetchTransaction, type LoggedTransaction } from "./chain/history.js";
export { areTruncated, findFailedProgram, findLoggedData } from "./chain/logs.js";
export { monitorTransactions } from "./chain/monitor.js";
export {
  fetchQueue,
  findCell,
  orderEntries,
  type MarketQueue,
  type WaitingEntry,
} from "./chain/queue.js";
export type { ClientOptions } from "./client/context.js";
export { Client, createClient, type MonitorOptions } from "./client/createClient.js";
export { findHolder } from "./client/holder.js";
export type {
  JobDefinition,
  JobQuote,
  ListedJob,
  ListRequest,
  PostRequest,
} from "./client/requests.js";
export { BASE_UNITS_PER_NOS, formatNos, jobDeposit, networkFee, parseNos } from "./client/money.js";
export type { WorkOptions } from "./client/nodeClient.js";
export {
  readJobResult,
  type JobResult,
  type OperationResult,
  type ResultFile,
} from "./client/results.js";
export { hasResult, type WaitOptions } from "./client/wait.js";
export { JobKind } from "./generated/jobs/types/jobKind.js";
export { JobState } from "./generated/jobs/types/jobState.js";
export { Reason } from "./generated/jobs/types/reason.js";
export { ReturnCause } from "./generated/jobs/types/returnCause.js";
export { SlotState } from "./generated/jobs/types/slotState.js";
export {
  isRefusedWith,
  ProgramError,
  TransactionExpiredError,
  TransactionFailedError,
} from "./transaction/errors.js";
export {
  absentSigner,
  beginHandover,
  readHandover,
  sendHandover,
  signHandover,
  type Handover,
  type HandoverSigner,
} from "./transaction/handover.js";
export { describeError, type KnownError, type NosanaErrorName } from "./transaction/knownErrors.js";
export type { SendOptions } from "./transaction/message.js";
export { sendTransaction, type Receipt } from "./transaction/send.js";
export { simulateTransaction, type Simulation } from "./transaction/simulate.js";
export {
  connectWallet,
  isSolanaWallet,
  walletSigner,
  type StandardAccount,
  type StandardWallet,
} from "./transaction/wallet.js";
