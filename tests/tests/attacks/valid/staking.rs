use nosana_client::{
    actions, pda,
    staking::instructions::{
        AcceptAdmin, ApplyPolicy, Close, ProposeAdmin, SetGuardian, SetPaused,
    },
};
use nosana_tests::terms::{ANY_TERMS, DURATION, NOS};
use solana_instruction::Instruction;
use solana_signer::Signer;

use crate::fixture::{Fixture, staking_policy};

/// The instructions of the staking program, by name.
pub async fn calls(fixture: &Fixture) -> Vec<Instruction> {
    let world = &fixture.world;
    let mint = world.mint;
    let [client, staker, deployer, sponsor] =
        [&world.client, &world.staker, &world.deployer, &fixture.sponsor].map(Signer::pubkey);
    let [gone, short, quitter] =
        [&fixture.gone, &fixture.short, &fixture.quitter].map(Signer::pubkey);
    let close = Close { owner: gone, stake: pda::staking::stake(&gone) };

    vec![
        AcceptAdmin { pending_admin: sponsor }.into(),
        ApplyPolicy {}.into(),
        actions::claim_commission(staker, mint).into(),
        actions::claim_delegated(fixture.backer.pubkey(), staker, mint).into(),
        close.into(),
        actions::close_delegation(fixture.empty.pubkey(), fixture.empty.pubkey(), staker).into(),
        actions::compound(staker).into(),
        actions::delegate(fixture.backer.pubkey(), staker, mint, NOS, ANY_TERMS).into(),
        actions::extend_stake(short, DURATION).into(),
        actions::open_delegation(client, staker).into(),
        ProposeAdmin { admin: deployer, next_admin: client }.into(),
        staking_policy(deployer).into(),
        actions::restake(fixture.leaver.pubkey()).into(),
        actions::set_delegation(staker, false, 1).into(),
        SetGuardian { admin: deployer, guardian: client }.into(),
        SetPaused { guardian: deployer, paused: true }.into(),
        actions::open_stake(client, mint, NOS, DURATION).into(),
        actions::top_up_stake(staker, mint, 1).into(),
        actions::undelegate(fixture.backer.pubkey(), fixture.backer.pubkey(), staker).into(),
        actions::undelegate_unsettled(fixture.backer.pubkey(), staker).into(),
        actions::unstake(staker).into(),
        actions::unstake_unsettled(staker).into(),
        actions::withdraw(fixture.leaver.pubkey(), mint).into(),
        actions::withdraw_delegated(quitter, quitter, staker, mint).into(),
    ]
}
