//! Jobs that run.

use nosana_client::{
    actions,
    jobs::{self, accounts::Job},
    pda, rewards, staking,
};
use nosana_tests::{
    Refusal,
    terms::{RESULT, batch, challenged, service, terms},
    world::{Case, case, swap, unsigned},
};
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::World;

/// The accounts that the four instructions which end a run refuse, in a world whose second market
/// is `other`.
pub fn wrong_accounts<'a>(
    world: &'a World,
    other: Address,
    valid: Instruction,
    job: &Job,
    by: &[&'a Keypair],
) -> [Case<'a>; 10] {
    let stranger = world.stranger.pubkey();
    let tokens = world.token_account(&stranger);
    let other_stake = pda::staking::stake(&world.staker.pubkey());
    let wrong =
        |what, refusal: Refusal, from, to| case(what, refusal, swap(valid.clone(), from, to), by);
    let account = || jobs::Error::WrongAccount.into();
    [
        wrong("another market", jobs::Error::WrongMarket.into(), job.market, other),
        wrong("another queue", account(), pda::jobs::queue(&job.market), pda::jobs::queue(&other)),
        wrong("another vault", account(), pda::jobs::vault(&job.market), pda::jobs::vault(&other)),
        wrong("a refund to another", account(), job.payer_token, tokens),
        wrong("pay to another", account(), job.node_token, tokens),
        wrong(
            "the stake of another",
            account(),
            pda::staking::stake(&world.node.pubkey()),
            other_stake,
        ),
        wrong(
            "another signer PDA",
            Refusal::wrong_address(jobs::ID),
            pda::jobs::authority(),
            pda::jobs::config(),
        ),
        wrong(
            "another staking program",
            Refusal::wrong_address(jobs::ID),
            staking::ID,
            rewards::ID,
        ),
        wrong(
            "another token program",
            Refusal::wrong_program(),
            nosana_client::token::PROGRAM,
            jobs::ID,
        ),
        wrong("a queue as the node", Refusal::wrong_type(), job.node, pda::jobs::queue(&other)),
    ]
}

pub async fn heartbeat() -> World {
    let world = World::new(terms()).await;
    let job = world.list(batch(1)).await;
    let owner = world.node.pubkey();
    let valid = actions::heartbeat(owner, job, RESULT, 5_000);
    let by = [&world.node];
    world.refuse(jobs::Error::NotThisNode, valid.clone(), &by).await;
    world.work_and_start(&world.node, &job).await;
    world
        .refuse_all([
            case(
                "the node of another",
                jobs::Error::NotNodeAuthority,
                swap(valid.clone(), owner, world.stranger.pubkey()),
                &[&world.stranger],
            ),
            case("no signature", Refusal::unsigned(), unsigned(valid.clone(), owner), &[]),
            case(
                "another node",
                jobs::Error::NotThisNode,
                actions::heartbeat(world.other_node.pubkey(), job, RESULT, 0),
                &[&world.other_node],
            ),
        ])
        .await;
    world.pass(61);
    world.refuse(jobs::Error::DeadlinePassed, valid.clone(), &by).await;
    world.finish(&world.node, &job).await;
    world.refuse(jobs::Error::WrongState, valid, &by).await;
    world.work(&world.node).await;
    let matched = world.list(batch(2)).await;
    world.refuse(jobs::Error::WrongState, actions::heartbeat(owner, matched, RESULT, 0), &by).await;
    world
}

pub async fn finish() -> World {
    let world = World::new(terms()).await;
    let other = world.open_market(2, terms()).await;
    let job = world.list(batch(1)).await;
    let endless = world.list(service(2)).await;
    let (owner, by) = (world.node.pubkey(), [&world.node]);
    let early = actions::finish(owner, job, &world.job(&job).await, owner, RESULT);
    world.refuse(jobs::Error::WrongState, early, &by).await;
    world.work_and_start(&world.node, &job).await;
    world.work_and_start(&world.node, &endless).await;
    let stored = world.job(&job).await;
    let valid = actions::finish(owner, job, &stored, owner, RESULT);
    let (another, stranger) = (world.other_node.pubkey(), world.stranger.pubkey());
    let of_service = actions::finish(owner, endless, &world.job(&endless).await, owner, RESULT);
    world
        .refuse_all([
            case(
                "by a stranger",
                jobs::Error::NotNodeAuthority,
                actions::finish(stranger, job, &stored, owner, RESULT),
                &[&world.stranger],
            ),
            case(
                "by its client",
                jobs::Error::NotNodeAuthority,
                actions::finish(stored.client, job, &stored, owner, RESULT),
                &[&world.client],
            ),
            case(
                "by another node",
                jobs::Error::NotThisNode,
                actions::finish(another, job, &stored, another, RESULT),
                &[&world.other_node],
            ),
            case(
                "without a result",
                jobs::Error::EmptyDigest,
                actions::finish(owner, job, &stored, owner, [0; 32]),
                &by,
            ),
            case("no signature", Refusal::unsigned(), unsigned(valid.clone(), owner), &[]),
            case("a service", jobs::Error::ServiceHasNoResult, of_service, &by),
        ])
        .await;
    world.refuse_all(wrong_accounts(&world, other, valid.clone().into(), &stored, &by)).await;
    world.pass(631);
    world.refuse(jobs::Error::DeadlinePassed, valid.clone(), &by).await;
    world.pass(0);
    world.travel(world.now() - 1);
    world.finish(&world.node, &job).await;
    world.refuse(jobs::Error::WrongState, valid, &by).await;
    world
}

pub async fn quit() -> World {
    let world = World::new(challenged()).await;
    let other = world.open_market(2, terms()).await;
    let (job, waiting) = (world.list(batch(1)).await, world.list(batch(2)).await);
    let (owner, by) = (world.node.pubkey(), [&world.node]);
    world.work_and_start(&world.node, &job).await;
    let stored = world.job(&job).await;
    let valid = actions::quit(owner, job, &stored, owner);
    let (another, client) = (world.other_node.pubkey(), world.client.pubkey());
    let not_taken = actions::quit(owner, waiting, &world.job(&waiting).await, owner);
    world
        .refuse_all([
            case(
                "by the client",
                jobs::Error::NotNodeAuthority,
                actions::quit(client, job, &stored, owner),
                &[&world.client],
            ),
            case(
                "by another node",
                jobs::Error::NotThisNode,
                actions::quit(another, job, &stored, another),
                &[&world.other_node],
            ),
            case("a job that waits", jobs::Error::NoSuchSlot, not_taken, &by),
            case("no signature", Refusal::unsigned(), unsigned(valid.clone(), owner), &[]),
        ])
        .await;
    world.refuse_all(wrong_accounts(&world, other, valid.clone().into(), &stored, &by)).await;
    world.finish(&world.node, &job).await;
    world.refuse(jobs::Error::WrongState, valid, &by).await;
    world.cancel(&waiting).await;
    world.work(&world.node).await;
    let matched = world.list(batch(3)).await;
    let stolen = actions::quit(another, matched, &world.job(&matched).await, another);
    world.refuse(jobs::Error::NotThisNode, stolen, &[&world.other_node]).await;
    world.pass(121);
    let late = actions::quit(owner, matched, &world.job(&matched).await, owner);
    world.refuse(jobs::Error::DeadlinePassed, late, &by).await;
    world.start(&world.node, &matched).await;
    world.work_for(600, &world.node, &matched).await;
    world.pass(31);
    let lost = actions::quit(owner, matched, &world.job(&matched).await, owner);
    world.refuse(jobs::Error::DeadlinePassed, lost, &by).await;
    world
}

pub async fn stop() -> World {
    let world = World::new(challenged()).await;
    let other = world.open_market(2, terms()).await;
    let job = world.list(batch(1)).await;
    let (owner, client, by) = (world.node.pubkey(), world.client.pubkey(), [&world.client]);
    let early = actions::stop(client, job, &world.job(&job).await, owner);
    world.refuse(jobs::Error::NoSuchSlot, early, &by).await;
    world.work(&world.node).await;
    let others = actions::stop(client, job, &world.job(&job).await, world.other_node.pubkey());
    world.refuse(jobs::Error::NoSuchSlot, others, &by).await;
    world.start(&world.node, &job).await;
    let stored = world.job(&job).await;
    let valid = actions::stop(client, job, &stored, owner);
    world
        .refuse_all([
            case(
                "by its node",
                jobs::Error::NotClient,
                actions::stop(owner, job, &stored, owner),
                &[&world.node],
            ),
            case(
                "by a stranger",
                jobs::Error::NotClient,
                swap(valid.clone(), client, world.stranger.pubkey()),
                &[&world.stranger],
            ),
            case(
                "with another node",
                jobs::Error::NotThisNode,
                actions::stop(client, job, &stored, world.other_node.pubkey()),
                &by,
            ),
            case("no signature", Refusal::unsigned(), unsigned(valid.clone(), client), &[]),
        ])
        .await;
    world.refuse_all(wrong_accounts(&world, other, valid.clone().into(), &stored, &by)).await;
    world.finish(&world.node, &job).await;
    world.refuse(jobs::Error::WrongState, valid.clone(), &by).await;
    world.pass(600);
    world.settle(&job).await;
    world.refuse(jobs::Error::WrongState, valid, &by).await;
    world.work(&world.node).await;
    let matched = world.list(batch(2)).await;
    let bound = actions::stop(client, matched, &world.job(&matched).await, owner);
    world.refuse(jobs::Error::WrongState, bound, &by).await;
    world
}

pub async fn expire_run() -> World {
    let world = World::new(terms()).await;
    let other = world.open_market(2, terms()).await;
    let job = world.list(batch(1)).await;
    let (owner, stranger, by) = (world.node.pubkey(), world.stranger.pubkey(), [&world.stranger]);
    let early = actions::expire_run(stranger, job, &world.job(&job).await, owner);
    world.refuse(jobs::Error::WrongState, early, &by).await;
    world.work_and_start(&world.node, &job).await;
    let stored = world.job(&job).await;
    let valid = actions::expire_run(stranger, job, &stored, owner);
    let other_node = actions::expire_run(stranger, job, &stored, world.other_node.pubkey());
    world
        .refuse_all([
            case("too early", jobs::Error::TooEarly, valid.clone(), &by),
            case("with another node", jobs::Error::NotThisNode, other_node, &by),
            case("no signature", Refusal::unsigned(), unsigned(valid.clone(), stranger), &[]),
        ])
        .await;
    world.pass(61);
    world.refuse_all(wrong_accounts(&world, other, valid.clone().into(), &stored, &by)).await;
    world.expire_run(&job, &world.node).await;
    world.refuse(jobs::Error::WrongState, valid, &by).await;
    world
}
