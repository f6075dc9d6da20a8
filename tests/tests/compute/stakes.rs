//! Stakes, positions and streams.

use nosana_client::{
    actions::{self, Emission},
    pda, rewards, staking,
};
use nosana_protocol::seeds;
use nosana_tests::terms::{DURATION, EPOCH, NOS, STAKE};
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::meter::{Meter, ceiling, has_first_bump, has_first_bumps};

pub async fn measure_stakes(meter: &mut Meter, owner: &Keypair) {
    let key = owner.pubkey();
    let mint = meter.world.mint;
    meter
        .run(
            ceiling("staking.open_stake", 8_000).with_goal(8_000),
            actions::open_stake(key, mint, STAKE, DURATION),
            &[owner],
        )
        .await;
    meter
        .run(ceiling("rewards.enter", 5_000).with_goal(5_000), actions::enter(key), &[owner])
        .await;
    let client = meter.world.client.pubkey();
    meter
        .run(
            ceiling("rewards.fund", 3_000),
            actions::fund(client, mint, NOS),
            &[&meter.world.client],
        )
        .await;

    meter.world.advance_clock(2 * EPOCH);
    meter.run(ceiling("rewards.sync", 1_500).with_goal(1_500), actions::sync(key), &[]).await;

    meter.world.advance_clock(EPOCH);
    meter
        .run(ceiling("rewards.claim", 4_500).with_goal(4_500), actions::claim(key, mint), &[owner])
        .await;
}

/// Stakes that change, positions that end, streams.
pub async fn measure_changes(meter: &mut Meter) {
    let client = meter.world.client.pubkey();
    let mint = meter.world.mint;
    let owner = meter.world.wallet_where(has_first_bumps).await;
    let (key, by) = (owner.pubkey(), [&owner]);
    meter.world.run(actions::open_stake(key, mint, STAKE, DURATION / 2), &by).await;
    meter
        .run(
            ceiling("staking.top_up", 4_000).with_goal(4_000),
            actions::top_up_stake(key, mint, NOS),
            &by,
        )
        .await;
    meter.world.enter(&owner).await;
    meter.world.run(actions::fund(client, mint, NOS), &[&meter.world.client]).await;

    meter.world.advance_clock(EPOCH + EPOCH / 2);
    meter
        .run(
            ceiling("staking.top_up", 6_500).when("with a position"),
            actions::top_up_stake(key, mint, NOS),
            &by,
        )
        .await;
    meter.run(ceiling("staking.extend", 4_000), actions::extend_stake(key, DURATION), &by).await;
    meter.run(ceiling("staking.compound", 8_500), actions::compound(key), &by).await;
    meter.world.run(actions::unstake(key), &by).await;
    meter.run(ceiling("staking.restake", 4_000), actions::restake(key), &by).await;
    meter.run(ceiling("rewards.exit", 4_000), actions::exit(key, mint), &by).await;
    let (start, end) = (meter.world.now(), meter.world.now() + 60);
    let first = |id: &u64| {
        has_first_bump(&rewards::ID, &[seeds::STREAM, client.as_ref(), &id.to_le_bytes()])
    };
    let id = (1..).find(first).expect("there is one");
    let open = actions::open_stream(
        client,
        mint,
        Emission { id, amount: NOS, start, end, cancellable: true },
    );
    let stream = open.stream;
    meter.run(ceiling("rewards.open_stream", 5_000), open, &[&meter.world.client]).await;

    meter.world.advance_clock(30);
    meter.run(ceiling("rewards.drip", 2_000), actions::drip(stream), &[]).await;
    meter
        .run(
            ceiling("rewards.close_stream", 4_000),
            actions::close_stream(client, client, mint, id),
            &[&meter.world.client],
        )
        .await;
}

pub async fn measure_exits(meter: &mut Meter, owner: &Keypair) {
    let without = meter.world.wallet_where(has_first_bumps).await;
    meter.world.stake(&without).await;
    let row = ceiling("staking.unstake", 2_000).with_goal(2_000);
    meter.run(row, actions::unstake(without.pubkey()), &[&without]).await;
    let unsettled = meter.world.wallet_where(has_first_bumps).await;
    meter.world.stake(&unsettled).await;
    meter.world.enter(&unsettled).await;
    let row = ceiling("staking.unstake_unsettled", 1_000);
    let leave = actions::unstake_unsettled(unsettled.pubkey());
    meter.run(row, leave, &[&unsettled]).await;
    let row = ceiling("staking.unstake", 3_500).when("with a position");
    meter.run(row, actions::unstake(owner.pubkey()), &[owner]).await;

    meter.world.advance_clock(DURATION);
    let withdraw = actions::withdraw(owner.pubkey(), meter.world.mint);
    meter.run(ceiling("staking.withdraw", 4_500).with_goal(4_500), withdraw, &[owner]).await;
    let close = staking::instructions::Close {
        owner: owner.pubkey(),
        stake: pda::staking::stake(&owner.pubkey()),
    };
    meter.run(ceiling("staking.close", 1_000), close, &[owner]).await;
}
