use nosana_client::{
    actions, pda,
    rewards::instructions::{AcceptAdmin, ProposeAdmin, SetGuardian, SetPaused},
};
use nosana_tests::terms::NOS;
use solana_instruction::Instruction;
use solana_signer::Signer;

use crate::fixture::{Fixture, emission};

/// The instructions of the rewards program, by name.
pub async fn calls(fixture: &Fixture) -> Vec<Instruction> {
    let world = &fixture.world;
    let mint = world.mint;
    let [client, staker, stranger, deployer, sponsor] =
        [&world.client, &world.staker, &world.stranger, &world.deployer, &fixture.sponsor]
            .map(Signer::pubkey);

    vec![
        AcceptAdmin { pending_admin: sponsor }.into(),
        actions::claim(staker, mint).into(),
        actions::close_stream(stranger, client, mint, 1).into(),
        actions::count_income().into(),
        actions::drip(pda::rewards::stream(&client, 1)).into(),
        actions::enter(fixture.fresh.pubkey()).into(),
        actions::enter_delegated(client, fixture.fresh.pubkey()).into(),
        actions::exit(staker, mint).into(),
        actions::fund(client, mint, NOS).into(),
        actions::harvest(staker, mint).into(),
        actions::open_stream(client, mint, emission(world.now(), 9)).into(),
        ProposeAdmin { admin: deployer, next_admin: client }.into(),
        SetGuardian { admin: deployer, guardian: client }.into(),
        SetPaused { guardian: deployer, paused: true }.into(),
        actions::sync(staker).into(),
    ]
}
