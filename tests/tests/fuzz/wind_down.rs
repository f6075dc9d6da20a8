//! The last part of every sequence: entry is paused, all markets are retired, and every party can
//! still leave with what it owns, with the help of strangers and the clock only.

use nosana_protocol::{
    dispute::votes::{SeatState, Standing},
    job::State,
};
use nosana_tests::terms::NOS;

use crate::{
    actions::{
        AnyoneAction, AuthorityAction, ClientAction, DisputeAction, NodeAction, OutsideAction,
        StakeAction,
    },
    actors::{self, DEPLOYER, JOBS, MARKETS, NODES, STRANGER},
    model::{SlotUse, Waiter},
    sequence::Sequence,
};

/// More than any clock of a job here.
const LATER: u64 = 5_000;
/// More rounds than any job has attempts.
const ROUNDS: usize = 20;
/// The number of a node that does not exist, for `collect` without a node.
const NO_NODE: u8 = u8::MAX;

fn to_number(index: usize) -> u8 {
    u8::try_from(index).expect("few")
}

/// Lets every party leave. Fails with what is stuck.
pub async fn wind_down(sequence: &mut Sequence) -> Result<(), String> {
    sequence.must(AuthorityAction::SetPaused { by: to_number(DEPLOYER), on: true }).await?;
    for market in 0..MARKETS {
        if sequence.model.markets[market].is_some() {
            sequence
                .must(AuthorityAction::RetireMarket {
                    market: to_number(market),
                    by: to_number(DEPLOYER),
                })
                .await?;
        }
    }

    for _ in 0..ROUNDS {
        sequence.must(OutsideAction::AdvanceClock { seconds: LATER }).await?;
        for job in 0..JOBS {
            end_job(sequence, job).await?;
        }
        evict_nodes(sequence).await?;
        if open_jobs(sequence) == 0 {
            break;
        }
    }

    close_disputes(sequence).await?;
    if open_jobs(sequence) > 0 {
        return Err(format!("{} jobs are stuck", open_jobs(sequence)));
    }

    collect_and_clean(sequence).await?;
    close_markets(sequence).await?;
    close_stakes(sequence).await
}

fn open_jobs(sequence: &Sequence) -> usize {
    sequence.model.jobs.iter().flatten().filter(|job| job.state != State::Settled).count()
}

/// Ends an open job: some by their parties, the others by strangers.
async fn end_job(sequence: &mut Sequence, job: usize) -> Result<(), String> {
    let Some(stored) = sequence.model.jobs[job].filter(|job| job.state != State::Settled) else {
        return Ok(());
    };
    let claimed = (0..NODES).find(|node| {
        sequence.model.nodes[*node].slots.iter().any(|s| s.used == SlotUse::Claimed(job))
    });
    let node = to_number(stored.node.or(claimed).unwrap_or_default());
    let job = to_number(job);
    let client = to_number(stored.client);
    let helpful = job.is_multiple_of(3);

    match stored.state {
        State::Submitted if helpful => {
            sequence.must(ClientAction::Accept { job, node, by: client }).await
        }
        State::Submitted => sequence.must(AnyoneAction::Settle { job, node }).await,
        State::Running if helpful => {
            sequence.must(ClientAction::Stop { job, node, by: client }).await
        }
        State::Running => {
            sequence.must(AnyoneAction::ExpireRun { job, node, by: to_number(STRANGER) }).await
        }
        State::Matched => sequence.must(AnyoneAction::ExpireMatch { job, node }).await,
        // Those that were claimed in this very round have their time to start.
        State::Queued if claimed.is_some() && helpful => {
            sequence.must(ClientAction::Stop { job, node, by: client }).await
        }
        State::Queued if claimed.is_some() => {
            sequence.may(AnyoneAction::ExpireMatch { job, node }).await.map(|_| ())
        }
        State::Queued if helpful => {
            sequence.must(ClientAction::Cancel { job, by: client, nth: 0 }).await
        }
        State::Queued => sequence.may(AnyoneAction::ExpireQueued { job, nth: 0 }).await.map(|_| ()),
        // All its phases are over.
        State::Challenged => {
            let attempt = stored.attempt_id;
            sequence.must(DisputeAction::Resolve { job, attempt }).await
        }
        State::Settled => Err(format!("job {job} is {:?}", stored.state)),
    }
}

/// Evicts all nodes that wait in retired markets.
async fn evict_nodes(sequence: &mut Sequence) -> Result<(), String> {
    for market in 0..MARKETS {
        loop {
            let front =
                sequence.model.markets[market].as_ref().and_then(|market| market.queue.front());
            let Some(Waiter::Node(node)) = front.map(|place| place.who) else { break };
            sequence
                .must(AnyoneAction::EvictNode {
                    node: to_number(node),
                    market: to_number(market),
                    nth: 0,
                })
                .await?;
        }
    }
    Ok(())
}

/// Pays or punishes all panelists, and closes the disputes. Of the accounts that cannot receive,
/// some are opened again; for the others the network gets what is owed, a month later.
async fn close_disputes(sequence: &mut Sequence) -> Result<(), String> {
    let disputes: Vec<_> = sequence.model.disputes.clone().into_iter().collect();
    for ((number, attempt), dispute) in disputes {
        let job = to_number(number);
        let opens = job.is_multiple_of(2);
        let mut seats: Vec<_> = (0..).zip(dispute.seats).collect();
        seats.sort_by_key(|(_, seat)| seat.standing == Standing::Paid);
        for (seat, taken) in seats {
            let Some(node) = taken.node.filter(|_| taken.state != SeatState::Closed) else {
                continue;
            };
            let account = sequence.model.nodes[node].payout;
            await_account(sequence, account, taken.fee, opens).await?;
            let reporter = to_number(STRANGER);
            sequence.must(DisputeAction::CloseSeat { job, attempt, seat, reporter }).await?;
        }
        await_account(sequence, dispute.challenger, dispute.challenger_credit, opens).await?;
        sequence.must(DisputeAction::CloseDispute { job, attempt }).await?;
    }
    Ok(())
}

/// Opens a token account that is owed something and closed, or waits until it gets nothing.
async fn await_account(
    sequence: &mut Sequence,
    account: usize,
    owed: u64,
    opens: bool,
) -> Result<(), String> {
    if owed == 0 || sequence.model.balances[account].is_some() {
        return Ok(());
    }
    if opens {
        let account = closable_number(account);
        return sequence.must(OutsideAction::OpenTokenAccount { account, gift: 0 }).await;
    }
    sequence.must(OutsideAction::AdvanceClock { seconds: 31 * 86_400 }).await
}

/// Collects what could not be paid; then closes the jobs.
async fn collect_and_clean(sequence: &mut Sequence) -> Result<(), String> {
    for job in 0..JOBS {
        let Some(stored) = sequence.model.jobs[job] else { continue };
        let credits = [
            (stored.payer_credit, Some(stored.payer), NO_NODE),
            (
                stored.node_credit,
                stored.node.map(actors::owner_of),
                stored.node.map_or(NO_NODE, to_number),
            ),
        ];
        for (credit, party, node) in credits {
            let Some(party) = party.filter(|_| credit > 0) else { continue };
            // Some collect themselves; for the others a stranger does it.
            let (by, to) =
                if job.is_multiple_of(2) { (party, STRANGER) } else { (STRANGER, party) };
            if to == party {
                sequence
                    .must(OutsideAction::OpenTokenAccount {
                        account: closable_number(party),
                        gift: 0,
                    })
                    .await?;
            }
            // A party that is both payer and node took both at once.
            let left = sequence.model.jobs[job]
                .map_or(0, |job| if node == NO_NODE { job.payer_credit } else { job.node_credit });
            if left > 0 {
                sequence
                    .must(ClientAction::Collect {
                        job: to_number(job),
                        by: to_number(by),
                        node,
                        to: to_number(to),
                    })
                    .await?;
            }
        }
    }

    sequence.must(OutsideAction::AdvanceClock { seconds: LATER }).await?;
    for job in 0..JOBS {
        if sequence.model.jobs[job].is_some() {
            sequence.must(ClientAction::Clean { job: to_number(job) }).await?;
        }
    }
    Ok(())
}

/// Closes all markets, which must be empty.
async fn close_markets(sequence: &mut Sequence) -> Result<(), String> {
    for market in 0..MARKETS {
        if sequence.model.markets[market].is_some() {
            sequence.may(AnyoneAction::SweepFees { market: to_number(market) }).await?;
            sequence
                .must(AuthorityAction::CloseMarket {
                    market: to_number(market),
                    by: to_number(DEPLOYER),
                })
                .await?;
        }
    }
    Ok(())
}

/// Releases what the nodes have kept, checks that nothing else is locked, and closes all stakes.
async fn close_stakes(sequence: &mut Sequence) -> Result<(), String> {
    for node in 0..NODES {
        let by = to_number(actors::owner_of(node));
        let release = NodeAction::ReleaseCollateral { node: to_number(node), by };
        sequence.must(release).await?;
        if sequence.model.stakes[node].is_some_and(|stake| stake.locked > 0) {
            return Err(format!("node {node} still has locked collateral"));
        }
        sequence
            .may(StakeAction::Unstake {
                node: to_number(node),
                by: to_number(actors::owner_of(node)),
            })
            .await?;
    }

    sequence.must(OutsideAction::AdvanceClock { seconds: actors::COOLDOWN }).await?;

    for node in 0..NODES {
        let Some(stake) = sequence.model.stakes[node] else { continue };
        let account = actors::owner_of(node);
        let gift = if sequence.model.balances[actors::STRANGER] >= Some(NOS) { NOS } else { 0 };
        sequence
            .must(OutsideAction::OpenTokenAccount { account: closable_number(account), gift })
            .await?;
        if stake.amount > stake.withdrawn {
            sequence.must(StakeAction::Withdraw { node: to_number(node) }).await?;
        }
        sequence.must(StakeAction::CloseStake { node: to_number(node) }).await?;
    }
    Ok(())
}

/// Returns the number by which an action refers to this token account.
fn closable_number(account: usize) -> u8 {
    (0..u8::MAX).find(|number| actors::closable(*number) == account).expect("it can be closed")
}
