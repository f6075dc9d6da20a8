//! `slash`: the jobs program takes locked collateral of a node.

use nosana_client::{
    actions, pda,
    staking::{self, instructions::Slash},
};
use nosana_tests::{Refusal, programs, terms::terms, world::swap};
use solana_instruction::Instruction;
use solana_signer::Signer;

use crate::{
    World,
    helpers::{lock_collateral, refuse_simulated},
};

pub async fn refusals() -> World {
    let world = World::new(terms()).await;
    let locked = lock_collateral(&world).await;
    let owner = world.node.pubkey();
    let stake = pda::staking::stake(&world.node.pubkey());
    let slash = |amount| Slash {
        stake,
        vault: pda::staking::vault(),
        nos_mint: world.mint,
        position: pda::rewards::position(&owner),
        delegated_position: pda::rewards::position(&stake),
        reporter_token: world.nonexistent_account(),
        amount,
        reason: 1,
        reporter_amount: None,
    };
    let by_owner = swap(slash(1), pda::jobs::authority(), owner);
    world.refuse(staking::Error::NotJobsAuthority, by_owner, &[&world.node]).await;
    refuse_simulated(
        &world,
        "more than is locked",
        staking::Error::LockTooSmall,
        slash(locked + 1),
    );

    let with_part = |part| Slash { reporter_amount: Some(part), ..slash(locked) };
    refuse_simulated(
        &world,
        "more than half for the reporter",
        staking::Error::ReporterPartTooLarge,
        with_part(locked / 2 + 1),
    );
    world.simulate(&with_part(locked / 2).into()).expect("half for the reporter");

    let tokens = world.token_account(&owner);
    let swapped = |from, to| swap(slash(1), from, to);
    let table: [(&str, Refusal, Instruction); 5] = [
        (
            "from another vault",
            staking::Error::WrongAccount.into(),
            swapped(pda::staking::vault(), tokens),
        ),
        ("with another mint", staking::Error::WrongAccount.into(), swapped(world.mint, tokens)),
        (
            "without the position",
            staking::Error::WrongAccount.into(),
            swapped(pda::rewards::position(&owner), tokens),
        ),
        (
            "with another configuration",
            Refusal::wrong_owner(),
            swapped(pda::staking::config(), programs::data_address(&staking::ID)),
        ),
        (
            "to another pool",
            Refusal::wrong_address(staking::ID),
            swapped(pda::rewards::pool(), pda::jobs::node(&owner)),
        ),
    ];
    for (what, refusal, instruction) in table {
        refuse_simulated(&world, what, refusal, instruction);
    }

    world.run(actions::unstake(owner), &[&world.node]).await;
    world.simulate(&slash(1).into()).expect("also in the cooldown");
    world
}
