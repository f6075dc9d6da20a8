//! The last part of every play: entry is paused, all markets are retired, and still everybody gets
//! out with what is theirs, even if nobody but strangers and the clock help.

use nosana_protocol::job::State;
use nosana_tests::terms::NOS;

use crate::{
    cast::{self, DEPLOYER, JOBS, MARKETS, NODES, STRANGER},
    model::{Use, Who},
    play::Play,
    step::Action,
};

/// More than any clock of a job here.
const LATER: u64 = 5_000;
/// More rounds than any job has attempts.
const ROUNDS: usize = 20;
/// What `collect` names where no node is meant.
const NO_NODE: u8 = u8::MAX;

fn number(index: usize) -> u8 {
    u8::try_from(index).expect("few")
}

/// Lets everybody out; what stands in the way.
pub async fn all(play: &mut Play) -> Result<(), String> {
    play.must(Action::SetPaused { by: number(DEPLOYER), on: true }).await?;
    for market in 0..MARKETS {
        if play.model.markets[market].is_some() {
            play.must(Action::RetireMarket { market: number(market), by: number(DEPLOYER) })
                .await?;
        }
    }
    for _ in 0..ROUNDS {
        play.must(Action::Pass { seconds: LATER }).await?;
        for job in 0..JOBS {
            end(play, job).await?;
        }
        evict(play).await?;
        if open(play) == 0 {
            break;
        }
    }
    if open(play) > 0 {
        return Err(format!("{} jobs are stuck", open(play)));
    }
    collect(play).await?;
    close_markets(play).await?;
    unlock(play).await
}

fn open(play: &Play) -> usize {
    play.model.jobs.iter().flatten().filter(|job| job.state != State::Settled).count()
}

/// Does what anyone can do about a job that is open; some parties do what only they can.
async fn end(play: &mut Play, job: usize) -> Result<(), String> {
    let Some(stored) = play.model.jobs[job].filter(|job| job.state != State::Settled) else {
        return Ok(());
    };
    let offered = (0..NODES)
        .find(|node| play.model.nodes[*node].slots.iter().any(|s| s.used == Use::Offered(job)));
    let node = number(stored.node.or(offered).unwrap_or_default());
    let (job, client) = (number(job), number(stored.client));
    let helpful = job % 3 == 0;
    match stored.state {
        State::Submitted if helpful => play.must(Action::Accept { job, node, by: client }).await,
        State::Submitted => play.must(Action::Settle { job, node }).await,
        State::Running if helpful => play.must(Action::Stop { job, node, by: client }).await,
        State::Running => play.must(Action::ExpireRun { job, node }).await,
        State::Matched => play.must(Action::ExpireMatch { job, node }).await,
        // Those that were offered in this very round have their time to start.
        State::Queued if offered.is_some() && helpful => {
            play.must(Action::Stop { job, node, by: client }).await
        }
        State::Queued if offered.is_some() => {
            play.may(Action::ExpireMatch { job, node }).await.map(|_| ())
        }
        State::Queued if helpful => play.must(Action::Cancel { job, by: client, nth: 0 }).await,
        State::Queued => play.may(Action::ExpireQueued { job, nth: 0 }).await.map(|_| ()),
        State::Challenged | State::Settled => Err(format!("job {job} is {:?}", stored.state)),
    }
}

/// Nobody waits for a retired market.
async fn evict(play: &mut Play) -> Result<(), String> {
    for market in 0..MARKETS {
        loop {
            let front = play.model.markets[market].as_ref().and_then(|market| market.line.front());
            let Some(Who::Node(node)) = front.map(|place| place.who) else { break };
            play.must(Action::EvictNode { node: number(node), market: number(market), nth: 0 })
                .await?;
        }
    }
    Ok(())
}

/// Everybody takes what could not be paid; then the jobs are closed.
async fn collect(play: &mut Play) -> Result<(), String> {
    for job in 0..JOBS {
        let Some(stored) = play.model.jobs[job] else { continue };
        let credits = [
            (stored.payer_credit, Some(stored.payer), NO_NODE),
            (
                stored.node_credit,
                stored.node.map(cast::owner_of),
                stored.node.map_or(NO_NODE, number),
            ),
        ];
        for (credit, party, node) in credits {
            let Some(party) = party.filter(|_| credit > 0) else { continue };
            // Some come themselves; for the others a stranger does it, whether they want or not.
            let (by, to) = if job % 2 == 0 { (party, STRANGER) } else { (STRANGER, party) };
            if to == party {
                play.must(Action::OpenPurse { purse: closable_number(party), gift: 0 }).await?;
            }
            // Who is both took both at once.
            let left = play.model.jobs[job]
                .map_or(0, |job| if node == NO_NODE { job.payer_credit } else { job.node_credit });
            if left > 0 {
                play.must(Action::Collect {
                    job: number(job),
                    by: number(by),
                    node,
                    to: number(to),
                })
                .await?;
            }
        }
    }
    play.must(Action::Pass { seconds: LATER }).await?;
    for job in 0..JOBS {
        if play.model.jobs[job].is_some() {
            play.must(Action::Clean { job: number(job) }).await?;
        }
    }
    Ok(())
}

/// The markets are empty, and leave nothing behind.
async fn close_markets(play: &mut Play) -> Result<(), String> {
    for market in 0..MARKETS {
        if play.model.markets[market].is_some() {
            play.may(Action::SweepFees { market: number(market) }).await?;
            play.must(Action::CloseMarket { market: number(market), by: number(DEPLOYER) }).await?;
        }
    }
    Ok(())
}

/// Nothing is locked any more, and all stakes can leave.
async fn unlock(play: &mut Play) -> Result<(), String> {
    for node in 0..NODES {
        if play.model.stakes[node].is_some_and(|stake| stake.locked > 0) {
            return Err(format!("node {node} still has locked collateral"));
        }
        play.may(Action::Unstake { node: number(node), by: number(cast::owner_of(node)) }).await?;
    }
    play.must(Action::Pass { seconds: cast::COOLDOWN }).await?;
    for node in 0..NODES {
        let Some(stake) = play.model.stakes[node] else { continue };
        let purse = cast::owner_of(node);
        let gift = if play.model.purses[cast::STRANGER] >= Some(NOS) { NOS } else { 0 };
        play.must(Action::OpenPurse { purse: closable_number(purse), gift }).await?;
        if stake.amount > stake.withdrawn {
            play.must(Action::Withdraw { node: number(node) }).await?;
        }
        play.must(Action::CloseStake { node: number(node) }).await?;
    }
    Ok(())
}

/// By which number an operation refers to this token account.
fn closable_number(purse: usize) -> u8 {
    (0..u8::MAX).find(|number| cast::closable(*number) == purse).expect("it can be closed")
}
