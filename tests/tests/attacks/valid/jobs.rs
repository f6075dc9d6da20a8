use nosana_client::{
    actions,
    jobs::instructions::{
        AcceptAdmin, AcceptMarketAuthority, ApplyPolicy, ApplyTerms, GrowQueue, ProposeAdmin,
        ProposeMarketAuthority, ProposeTerms, RetireMarket, SetGuardian, SetPaused,
    },
    pda,
};
use nosana_tests::{
    terms::{HARDWARE, RESULT, SALT, SKETCH, batch, example_endpoint, terms},
    world::disputes::vote_commitment,
};
use solana_address::Address;
use solana_instruction::Instruction;
use solana_signer::Signer;

use crate::{
    disputed::WRONG,
    fixture::{Fixture, looser_policy},
};

/// The instructions of the jobs program, by name.
pub async fn calls(fixture: &Fixture) -> Vec<Instruction> {
    let world = &fixture.world;
    let (mint, market) = (world.mint, world.market);
    let [client, node, other_node, staker, stranger, deployer, sponsor] = [
        &world.client,
        &world.node,
        &world.other_node,
        &world.staker,
        &world.stranger,
        &world.deployer,
        &fixture.sponsor,
    ]
    .map(Signer::pubkey);
    let config = pda::jobs::config();
    let queue = pda::jobs::queue(&market);

    let job = async |address: &Address| world.job(address).await;
    let running = job(&fixture.running).await;
    let submitted = job(&fixture.submitted).await;
    let submitted_early = job(&fixture.submitted_early).await;
    let owing = job(&fixture.owing).await;
    let elsewhere = world.token_account(&stranger);
    let collect = actions::collect(sponsor, fixture.owing, &owing, elsewhere);
    let third = (pda::jobs::node(&fixture.third.pubkey()), 0);
    let assign = actions::assign(client, client, fixture.challenged, mint, batch(10), third);
    let cell = world.cell(&fixture.waiting).await;
    let in_disputes = dispute_calls(fixture).await;

    let mut calls: Vec<Instruction> = vec![
        actions::accept(client, fixture.submitted, &submitted, node).into(),
        AcceptAdmin { pending_admin: sponsor, config }.into(),
        AcceptMarketAuthority { pending_authority: sponsor, market }.into(),
        ApplyPolicy { config }.into(),
        ApplyTerms { config, market }.into(),
        assign.into(),
        actions::cancel(fixture.waiting, &job(&fixture.waiting).await, cell).into(),
        actions::clean(fixture.over, &job(&fixture.over).await).into(),
        actions::close_market(deployer, mint, fixture.retired).into(),
        collect.into(),
        actions::enrol_panelist(node, true).into(),
        actions::evict_node(fixture.dear.pubkey(), fixture.left, 0).into(),
        actions::expire_match(
            fixture.matched,
            &job(&fixture.matched).await,
            other_node,
            mint,
            world.nonexistent_account(),
        )
        .into(),
        actions::expire_queued(fixture.old, &job(&fixture.old).await, 0).into(),
        actions::expire_run(stranger, fixture.silent, &job(&fixture.silent).await, node).into(),
        actions::extend(fixture.running, &running, client, mint, 1).into(),
        actions::finish(node, fixture.running, &running, node, RESULT, actions::NO_TRACE).into(),
        actions::forfeit_credit(fixture.dust, &job(&fixture.dust).await).into(),
        GrowQueue { payer: stranger, market, queue, cells: 1 }.into(),
        actions::heartbeat(node, fixture.running, running.attempt_id, RESULT, 1).into(),
        actions::leave(fixture.third.pubkey(), fixture.challenged, 0).into(),
        actions::list(client, client, market, mint, batch(9)).into(),
        world.open_market_instruction(9, terms()).into(),
        ProposeAdmin { admin: deployer, config, next_admin: client }.into(),
        ProposeMarketAuthority { authority: deployer, market, next_authority: client }.into(),
        looser_policy(deployer).into(),
        ProposeTerms { authority: deployer, config, market, terms: terms() }.into(),
        actions::quit(node, fixture.running, &running, node, 1, actions::NO_DETAIL).into(),
        actions::register_node(staker, mint, HARDWARE).into(),
        actions::reject(
            client,
            fixture.submitted_early,
            &submitted_early,
            fixture.third.pubkey(),
            false,
        )
        .into(),
        actions::release_collateral(fixture.disputes.panel[0].pubkey()).into(),
        actions::remove_panelist(fixture.disputes.fallen.pubkey()).into(),
        RetireMarket { authority: deployer, market }.into(),
        actions::set_draining(node, true).into(),
        actions::set_endpoint(node, example_endpoint()).into(),
        SetGuardian { admin: deployer, config, guardian: client }.into(),
        SetPaused { guardian: deployer, config, paused: true }.into(),
        actions::set_payout(node, world.token_account(&node)).into(),
        actions::settle(stranger, fixture.submitted, &submitted, node).into(),
        actions::start(other_node, fixture.claimed, &job(&fixture.claimed).await).into(),
        actions::stop(client, fixture.running, &running, node).into(),
        actions::sweep_fees(market).into(),
        actions::top_up(stranger, fixture.running, &running, mint, 1).into(),
        actions::update_hardware(fixture.idle.pubkey(), HARDWARE).into(),
        actions::work(fixture.third.pubkey(), market, 1).into(),
    ];
    calls.extend(in_disputes);
    calls
}

/// The instructions about disputes.
async fn dispute_calls(fixture: &Fixture) -> Vec<Instruction> {
    let Fixture { world, disputes, .. } = fixture;
    let (node, stranger) = (world.node.pubkey(), world.stranger.pubkey());
    let panelist = disputes.panel[0].pubkey();
    let stored = async |address: &Address| world.dispute(address).await;
    let disputable = world.job(&disputes.disputable).await;
    let over = stored(&disputes.over).await;
    let resolved = stored(&disputes.resolved).await;
    let seat = resolved.seats[0].node;
    let commitment = vote_commitment(&panelist, &disputes.seated, WRONG);
    let (verdict, sketch) = WRONG;

    vec![
        actions::challenge(stranger, disputes.disputable, &disputable, world.mint).into(),
        actions::draw_panel(disputes.undrawn).into(),
        actions::claim_seat(panelist, disputes.unseated, &stored(&disputes.unseated).await).into(),
        actions::commit_sketch(panelist, disputes.seated, commitment).into(),
        actions::open_trace(
            node,
            disputes.committed,
            &stored(&disputes.committed).await,
            SKETCH,
            SALT,
        )
        .into(),
        actions::reveal(panelist, disputes.opened, sketch, verdict as u8, SALT).into(),
        actions::resolve(
            disputes.over,
            &over,
            &world.job(&over.job).await,
            &world.get(&over.node).await,
            world.mint,
        )
        .into(),
        actions::close_seat(
            disputes.resolved,
            &resolved,
            0,
            seat,
            &world.get(&seat).await,
            world.mint,
            world.nonexistent_account(),
        )
        .into(),
        actions::close_dispute(disputes.closed, &stored(&disputes.closed).await).into(),
    ]
}
