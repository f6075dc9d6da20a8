//! Nodes and jobs.

use nosana_client::actions::{self, JobListing};
use nosana_tests::terms::{HARDWARE, challenged, terms};
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::meter::{Meter, ceiling};

pub async fn measure_node(meter: &mut Meter, owner: &Keypair) {
    let register = actions::register_node(owner.pubkey(), meter.world.mint, HARDWARE);
    meter.run(ceiling("jobs.register_node", 3_500), register, &[owner]).await;
    let done = meter.world.work(owner).await;
    meter.record_callee(
        ceiling("staking.lock", 1_000).when("as the callee").with_goal(1_000),
        &done,
    );
    meter.record(ceiling("jobs.work", 5_000).when("the first").with_goal(5_000), &done);
    let done = meter.world.leave(owner).await;
    meter.record(ceiling("jobs.leave", 3_500), &done);

    let done = meter.world.work(owner).await;
    meter.record(ceiling("jobs.work", 5_000).with_goal(5_000), &done);
    meter.world.leave(owner).await;
    let done = meter.world.release_collateral(owner).await;
    meter.record_callee(
        ceiling("staking.release", 1_000).when("as the callee").with_goal(1_000),
        &done,
    );
    meter.record(ceiling("jobs.release_collateral", 3_000), &done);
    let done = meter.world.release_collateral(owner).await;
    meter.record(ceiling("jobs.release_collateral", 1_500).when("of nothing"), &done);
}

/// A node that has kept no collateral takes a job: it locks the collateral of its later ones, too.
async fn measure_first_job(meter: &Meter) {
    let node = &meter.world.node;
    let job = meter.list(None).await;
    let done = meter.world.work(node).await;
    meter
        .record(ceiling("jobs.work", 5_000).when("the first, a job waits").with_goal(5_000), &done);
    meter.world.stop(&job, node).await;
}

/// The node has worked before, so that it locks nothing for these jobs.
pub async fn measure_jobs(meter: &mut Meter) {
    measure_first_job(meter).await;
    let job = meter.list(Some(ceiling("jobs.list", 4_700).with_goal(4_700))).await;
    let done = meter.world.work(&meter.world.node).await;
    meter.record(ceiling("jobs.work", 2_300).when("a job waits").with_goal(2_300), &done);
    let done = meter.world.start(&meter.world.node, &job).await;
    meter.record(ceiling("jobs.start", 1_200).with_goal(1_200), &done);

    meter.world.advance_clock(30);
    let done = meter.world.heartbeat(&meter.world.node, &job).await;
    meter.record(ceiling("jobs.heartbeat", 1_000).with_goal(1_000), &done);
    let done = meter.world.finish(&meter.world.node, &job).await;
    meter.record(ceiling("jobs.finish", 4_300).with_goal(4_300), &done);

    meter.world.advance_clock(terms().retention_seconds.into());
    let done = meter.world.clean(&job).await;
    meter.record(ceiling("jobs.clean", 2_000).with_goal(2_000), &done);

    meter.world.work(&meter.world.node).await;
    let job =
        meter.list(Some(ceiling("jobs.list", 7_000).when("a node waits").with_goal(7_000))).await;
    meter.world.start(&meter.world.node, &job).await;

    meter.world.advance_clock(30);
    let done = meter.world.stop(&job, &meter.world.node).await;
    meter.record(ceiling("jobs.stop", 6_500), &done);
    let job = meter.list(None).await;
    let done = meter.world.cancel(&job).await;
    meter.record(ceiling("jobs.cancel", 5_000).with_goal(5_000), &done);

    let market = std::mem::take(&mut meter.world.market);
    meter.world.market = meter.world.open_market(2, challenged()).await;
    let job = meter.list(None).await;
    meter.world.work_and_start(&meter.world.node, &job).await;

    meter.world.advance_clock(30);
    let done = meter.world.finish(&meter.world.node, &job).await;
    meter.record(ceiling("jobs.finish", 2_500).when("to be settled").with_goal(4_300), &done);

    meter.world.advance_clock(600);
    let done = meter.world.settle(&job).await;
    meter.record(ceiling("jobs.settle", 6_500).with_goal(6_000), &done);

    for (requeue, when) in [(false, "to settle"), (true, "to requeue")] {
        let job = meter.list(None).await;
        meter.world.work_and_start(&meter.world.node, &job).await;
        meter.world.finish(&meter.world.node, &job).await;
        let done = meter.world.reject(&job, requeue).await;
        meter.record(ceiling("jobs.reject", 6_500).when(when), &done);
        if requeue {
            meter.world.cancel(&job).await;
        }
    }
    meter.world.market = market;
}

pub async fn measure_expiries(meter: &mut Meter) {
    let job = meter.list(None).await;
    meter.world.work_and_start(&meter.world.node, &job).await;

    meter.world.advance_clock(30);
    let done = meter.world.quit(&meter.world.node, &job).await;
    meter.record(ceiling("jobs.quit", 4_500), &done);

    meter.world.advance_clock(60);
    meter.world.work(&meter.world.node).await;

    meter.world.advance_clock(121);
    let done = meter.world.expire_match(&job, &meter.world.node).await;
    meter.record(ceiling("jobs.expire_match", 12_500), &done);
    meter.world.work_and_start(&meter.world.other_node, &job).await;

    meter.world.advance_clock(61);
    let done = meter.world.expire_run(&job, &meter.world.other_node).await;
    meter.record(ceiling("jobs.expire_run", 5_000), &done);
    meter.world.cancel(&job).await;
}

pub async fn measure_credits_and_fees(meter: &mut Meter) {
    let sponsor = meter.world.wallet().await;
    let order = meter.next_order();
    let job = meter.world.list_for(&meter.world.client, &sponsor, order).await;
    let dust = JobListing { timeout_seconds: 10, ..meter.next_order() };
    let dust = meter.world.list_for(&meter.world.client, &sponsor, dust).await;
    meter.world.close_tokens(&sponsor).await;
    meter.world.cancel(&job).await;
    meter.world.cancel(&dust).await;
    meter.world.advance_clock(terms().retention_seconds.into());
    let forfeit = actions::forfeit_credit(dust, &meter.world.job(&dust).await);
    meter.run(ceiling("jobs.forfeit_credit", 2_000), forfeit, &[]).await;
    let account = meter.world.open_tokens(&sponsor).await;
    let done = meter.world.collect(&sponsor, &job, &account).await;
    meter.record(ceiling("jobs.collect", 2_500), &done);
    let sweep = actions::sweep_fees(meter.world.market);
    let done = meter.world.run(sweep, &[]).await;
    meter.record(ceiling("jobs.sweep_fees", 2_500), &done);
    meter.run(ceiling("rewards.count_income", 1_000), actions::count_income(), &[]).await;
}
