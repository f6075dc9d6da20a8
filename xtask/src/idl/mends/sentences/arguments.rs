//! Sentences for the arguments of instructions.

use super::Sentence;

/// Each instruction with an argument, and what the argument means.
pub const ARGUMENTS: &[Sentence] = &[
    (
        "*",
        "attempt_id",
        "The job's current attempt, as its account states it: the call fails if the job has gone \
         on to another one.",
    ),
    (
        "jobs.list jobs.assign",
        "nonce",
        "A number that distinguishes the jobs of one client; the job's address is derived from it.",
    ),
    (
        "jobs.list jobs.assign",
        "definition",
        "Digest of the job's definition: the sha2-256 in its CIDv0.",
    ),
    (
        "jobs.set_endpoint",
        "endpoint",
        "Where clients connect to the node; all zeros withdraw what was announced.",
    ),
    (
        "jobs.start",
        "definition",
        "Digest of the definition that the node has read: the call fails if the job has another \
         one.",
    ),
    (
        "*",
        "kind",
        "The kind of the job: a batch delivers a result, a service runs for its whole timeout.",
    ),
    (
        "*",
        "timeout_seconds",
        "Longest paid time, in seconds; within the bounds of the market's terms.",
    ),
    (
        "*",
        "max_price_per_second",
        "Highest price that the client accepts, in base units per second: the call fails if the \
         market's price is above it.",
    ),
    (
        "jobs.list jobs.assign",
        "is_private",
        "Whether definition, inputs, result and logs are only for the client, the payer and the \
         node that runs the job; not for a verified job.",
    ),
    ("jobs.assign", "node", "The waiting node that gets the job."),
    ("jobs.assign", "node_cell", "The queue's cell in which that node waits."),
    (
        "jobs.cancel",
        "cell",
        "The queue's cell in which the job waits; any number if it does not wait.",
    ),
    ("jobs.expire_queued", "cell", "The queue's cell in which the job waits."),
    ("jobs.leave jobs.evict_node", "cell", "The queue's cell in which the node waits."),
    ("*", "added_seconds", "Seconds to add to the timeout."),
    ("*", "result", "Digest of the result: the sha2-256 in its CIDv0."),
    ("*", "cells", "Number of cells to add to the queue."),
    ("*", "checkpoint", "Digest of the node's latest checkpoint; zero if there is none."),
    ("*", "progress_bps", "Progress of the job, in basis points, as the node reports it."),
    ("*", "network_fee_bps", "The network's fee on each payment, in basis points."),
    (
        "*",
        "market_deposit",
        "Deposit for opening a market, in base units; returned when the market closes.",
    ),
    (
        "jobs.open_market",
        "id",
        "A number that distinguishes the markets of one authority; the market's address is \
         derived from it.",
    ),
    (
        "rewards.open_stream",
        "id",
        "A number that distinguishes the streams of one owner; the stream's address is derived \
         from it.",
    ),
    (
        "*",
        "notice_seconds",
        "Time between the announcement of new terms and their effect, in seconds.",
    ),
    ("*", "terms", "The terms under which jobs and nodes are matched."),
    ("*", "next_admin", "The proposed admin, who has to accept; zero withdraws the proposal."),
    (
        "*",
        "next_authority",
        "The proposed authority of the market, who has to accept; zero withdraws the proposal.",
    ),
    ("*", "max_timeout_seconds", "Longest timeout that a market may allow, in seconds."),
    ("*", "cause", "Why the node gives the job back."),
    (
        "*",
        "detail",
        "Digest of the node's words about the cause: a file in its content store; zero if there \
         are none.",
    ),
    ("*", "hardware", "The node's measured hardware and what it can run."),
    ("*", "requeue", "True if another node shall run the job; false to settle it with a refund."),
    ("*", "trace", "The commitment to the trace of a verified job; zero for any other job."),
    ("*", "sketch", "The sketch that was committed to: 256 bits of hidden values of the work."),
    ("*", "salt", "The salt of the commitment."),
    ("*", "verdict", "The verdict that was committed to."),
    (
        "*",
        "commitment",
        "The sha2-256 of `panel`, sketch, verdict, salt, and the addresses of node and dispute.",
    ),
    ("*", "seat", "Index of the seat, from 0 to 2."),
    (
        "*",
        "reporter_amount",
        "Base units of what is taken that the reporter gets, at most half; none for the share of \
         the configuration.",
    ),
    ("*", "enrolled", "True if the node shall take seats of panels from now on."),
    ("*", "draining", "True if the node shall take no new jobs."),
    ("*", "guardian", "The wallet that may pause and unpause entry."),
    ("*", "paused", "True to pause entry, false to unpause it."),
    (
        "*",
        "min_timeout_seconds",
        "Shortest timeout that the node accepts, in seconds: the call fails if the job's is \
         shorter.",
    ),
    ("jobs.top_up", "amount", "Base units of NOS to add to the job's budget."),
    ("staking.delegate", "amount", "Base units of NOS to delegate."),
    ("staking.lock", "amount", "Base units of the stake to lock as collateral."),
    ("staking.release", "amount", "Base units of locked collateral to release."),
    ("staking.slash", "amount", "Base units of locked collateral to take."),
    (
        "staking.open_stake",
        "amount",
        "Base units of NOS to stake; at least the minimum of the configuration.",
    ),
    ("staking.top_up", "amount", "Base units of NOS to add to the stake."),
    ("rewards.fund", "amount", "Base units of NOS to give to the stakers."),
    ("rewards.open_stream", "amount", "Base units of NOS that the stream emits from start to end."),
    ("*", "min_price_per_second", "Lowest price that the node accepts, in base units per second."),
    (
        "*",
        "max_collateral",
        "Highest collateral that the node locks, in base units: the call fails if the market \
         requires more.",
    ),
    ("*", "max_commission_bps", "Highest commission that the delegator accepts, in basis points."),
    (
        "*",
        "max_duration_seconds",
        "Longest cooldown of the stake that the delegator accepts, in seconds.",
    ),
    (
        "*",
        "duration_seconds",
        "Cooldown of the stake, in seconds, from 14 to 365 days; a longer one gives more weight.",
    ),
    ("*", "min_stake", "Smallest amount of a stake or a delegation, in base units."),
    ("*", "reporter_bps", "Share of a slash that its reporter gets, in basis points."),
    ("*", "accepting", "True if the stake shall accept delegations."),
    ("*", "commission_bps", "The owner's share of what later delegations earn, in basis points."),
    (
        "staking.slash",
        "reason",
        "The jobs program's number for the fault: 1 if a node did not start a job, 2 if it lost a \
         dispute, 3 if a panelist did not vote or lost by its vote.",
    ),
    (
        "*",
        "epoch_seconds",
        "Length of an epoch, in seconds; income is distributed over the next one.",
    ),
    ("*", "start", "Unix timestamp at which the stream begins."),
    ("*", "end", "Unix timestamp at which the stream ends."),
    ("*", "cancellable", "True if the owner may close the stream before its end."),
];
