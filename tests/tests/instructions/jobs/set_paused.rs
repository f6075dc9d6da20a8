//! `set_paused`: guardian and admin pause the program. A pause stops entries, and no exit.

use nosana_client::{
    actions,
    jobs::{self, instructions::SetPaused},
    pda,
};
use nosana_protocol::job::{Reason, State};
use nosana_tests::{
    Refusal,
    terms::{NOS, batch, challenged, deposit, terms},
    world::{case, unsigned},
};
use solana_address::Address;
use solana_signer::Signer;

use super::{propose_admin::propose_admin, set_guardian::set_guardian};
use crate::{
    World,
    helpers::{change_terms, jobs_config, retire_market, set_paused, state_and_reason},
};

fn set_paused_by(guardian: Address, paused: bool) -> SetPaused {
    SetPaused { guardian, config: pda::jobs::config(), paused }
}

pub async fn guardian_and_admin_pause_and_nobody_else() -> World {
    let world = World::new(terms()).await;
    let (admin, guardian) = (world.deployer.pubkey(), world.staker.pubkey());
    world.run(set_guardian(admin, guardian), &[&world.deployer]).await;
    assert_eq!(jobs_config(&world).await.guardian, guardian);
    for (who, by) in [(guardian, &world.staker), (admin, &world.deployer)] {
        world.run(set_paused_by(who, true), &[by]).await;
        assert_eq!(jobs_config(&world).await.paused, 1);
        world.run(set_paused_by(who, true), &[by]).await;
        world.run(set_paused_by(who, false), &[by]).await;
        assert_eq!(jobs_config(&world).await.paused, 0);
    }
    let stranger = world.stranger.pubkey();

    world
        .refuse_all([
            case(
                "a stranger",
                jobs::Error::NotGuardian,
                set_paused_by(stranger, true),
                &[&world.stranger],
            ),
            case(
                "no signature",
                Refusal::unsigned(),
                unsigned(set_paused_by(guardian, true), guardian),
                &[],
            ),
            case(
                "the guardian as admin",
                jobs::Error::NotAdmin,
                set_guardian(guardian, guardian),
                &[&world.staker],
            ),
            case(
                "the guardian proposes",
                jobs::Error::NotAdmin,
                propose_admin(guardian, guardian),
                &[&world.staker],
            ),
        ])
        .await;

    world.run(set_guardian(admin, stranger), &[&world.deployer]).await;
    world.refuse(jobs::Error::NotGuardian, set_paused_by(guardian, true), &[&world.staker]).await;
    world.run(set_paused_by(stranger, true), &[&world.stranger]).await;
    world
}

pub async fn nobody_enters() -> World {
    let world = World::new(terms()).await;
    world.work(&world.node).await;
    let client = world.client.pubkey();
    let node = pda::jobs::node(&world.node.pubkey());
    let chosen = (node, world.cell(&node).await);
    let list = actions::list(client, client, world.market, world.mint, batch(2));
    let assign = actions::assign(client, client, world.market, world.mint, batch(2), chosen);
    let job = world.list(batch(1)).await;
    let top_up = actions::top_up(client, job, &world.job(&job).await, world.mint, NOS);
    let work = actions::work(world.other_node.pubkey(), world.market, 1);
    set_paused(&world, true).await;

    world
        .refuse_all([
            case(
                "open a market",
                jobs::Error::Paused,
                world.open_market_instruction(2, terms()),
                &[&world.deployer],
            ),
            case("list", jobs::Error::Paused, list.clone(), &[&world.client]),
            case("assign", jobs::Error::Paused, assign, &[&world.client]),
            case("top up", jobs::Error::Paused, top_up.clone(), &[&world.client]),
            case("work", jobs::Error::Paused, work.clone(), &[&world.other_node]),
        ])
        .await;

    set_paused(&world, false).await;
    world.run(top_up, &[&world.client]).await;
    world.run(work, &[&world.other_node]).await;
    world.run(list, &[&world.client]).await;
    world.open_market(2, terms()).await;
    world
}

#[tokio::test]
async fn jobs_begin_and_end() {
    let world = World::new(challenged()).await;
    let before = world.tokens(&world.client).await;
    let [done, stopped, refused, quit, withdrawn] = [
        world.list(batch(1)).await,
        world.list(batch(2)).await,
        world.list(batch(3)).await,
        world.list(batch(4)).await,
        world.list(batch(5)).await,
    ];
    world.work(&world.node).await;
    world.work(&world.node).await;
    world.work(&world.other_node).await;
    world.work(&world.other_node).await;
    set_paused(&world, true).await;
    world.cancel(&withdrawn).await;
    world.start(&world.node, &done).await;
    let extend =
        actions::extend(done, &world.job(&done).await, world.client.pubkey(), world.mint, 60);
    world.run(extend, &[&world.client]).await;
    world.heartbeat(&world.node, &done).await;
    world.finish(&world.node, &done).await;
    world.start(&world.node, &stopped).await;
    world.stop(&stopped, &world.node).await;
    world.quit(&world.other_node, &refused).await;
    world.start(&world.other_node, &quit).await;
    world.quit(&world.other_node, &quit).await;
    assert_eq!(world.waiting().await, [quit, refused]);

    world.advance_clock(challenged().challenge_seconds.into());
    world.settle(&done).await;
    world.sweep_fees().await;

    world.advance_clock(challenged().queue_seconds.into());
    for job in [quit, refused] {
        let expire = actions::expire_queued(job, &world.job(&job).await, world.cell(&job).await);
        world.run(expire, &[]).await;
        assert_eq!(state_and_reason(&world.job(&job).await), (State::Settled, Reason::Expired));
    }

    world.advance_clock(challenged().retention_seconds.into());
    for job in [done, stopped, refused, quit, withdrawn] {
        world.clean(&job).await;
    }
    let spent = before - world.tokens(&world.client).await;
    assert!(spent > 0 && spent < deposit(), "two seconds of work: {spent}");
    for node in [&world.node, &world.other_node] {
        assert_eq!(world.release_all(node).await, 2 * challenged().collateral_per_job);
    }
}

#[tokio::test]
async fn clocks_run_out_and_credits_are_collected() {
    let world = World::new(terms()).await;
    let sponsor = world.wallet().await;
    let owed = world.list_for(&world.client, &sponsor, batch(1)).await;
    let [lost, never] = [world.list(batch(2)).await, world.list(batch(3)).await];
    world.close_tokens(&sponsor).await;
    world.cancel(&owed).await;
    world.work_and_start(&world.node, &lost).await;
    world.work(&world.other_node).await;
    let tokens = world.open_tokens(&sponsor).await;
    set_paused(&world, true).await;
    world.collect(&sponsor, &owed, &tokens).await;
    assert_eq!(world.tokens(&sponsor).await, deposit());

    world.advance_clock(u64::from(terms().start_seconds) + 1);
    world.expire_run(&lost, &world.node).await;
    world.expire_match(&never, &world.other_node).await;
    assert_eq!(world.waiting().await, [never, lost]);
}

#[tokio::test]
async fn nodes_leave_and_markets_close() {
    let world = World::new(terms()).await;
    world.work(&world.node).await;
    world.work(&world.other_node).await;
    set_paused(&world, true).await;
    world.leave(&world.node).await;
    change_terms(&world, challenged()).await;
    retire_market(&world, world.market).await;
    let other = &world.other_node.pubkey();
    let cell = world.cell(&pda::jobs::node(other)).await;
    world.run(actions::evict_node(*other, world.market, cell), &[]).await;
    let close = actions::close_market(world.deployer.pubkey(), world.mint, world.market);
    world.run(close, &[&world.deployer]).await;
    for node in [&world.node, &world.other_node] {
        assert_eq!(world.release_all(node).await, terms().collateral_per_job);
        world.run(actions::set_draining(node.pubkey(), true), &[node]).await;
    }
}
