//! What was paid already, what is another's, and what is nobody's.

use nosana_client::{actions, pda, rewards, staking};
use nosana_tests::{
    Refusal,
    terms::{DURATION, EPOCH, INITIAL_BALANCE, NOS, STAKE, terms},
    world::{case, swap, unsigned},
};
use solana_instruction::Instruction;
use solana_signer::Signer;

use super::{INCOME, World, check_share, fund_pool};

#[tokio::test]
async fn nothing_is_paid_twice() {
    let world = World::new(terms()).await;
    let (owner, by) = (world.staker.pubkey(), [&world.staker]);
    fund_pool(&world, INCOME).await;

    world.advance_clock(2 * EPOCH);
    let claim = || Instruction::from(actions::claim(owner, world.mint));
    let before = world.tokens(&world.staker).await;
    for twice in [[claim(), claim()], [claim(), actions::compound(owner).into()]] {
        let failure =
            world.attempt_all(&twice, &by).await.expect_err("the second one finds nothing");
        assert!(
            failure.refusal() == rewards::Error::NothingToClaim.into(),
            "{}",
            failure.refusal()
        );
    }
    assert_eq!(world.tokens(&world.staker).await, before);
    check_share(world.claim(&world.staker).await, INCOME / 3, 1);
    world.refuse(rewards::Error::NothingToClaim, claim(), &by).await;
    world.refuse(rewards::Error::NothingToClaim, actions::compound(owner), &by).await;
    // An exit pays what is left, which is nothing; a second one finds no position.
    let before = world.tokens(&world.staker).await;
    let exit = actions::exit(owner, world.mint);
    let all = [exit.clone().into(), exit.into()];
    let failure = world.attempt_all(&all, &by).await.expect_err("there is nothing to close");
    assert!(failure.refusal() == Refusal::too_small(), "{}", failure.refusal());
    world.run(actions::exit(owner, world.mint), &by).await;
    assert_eq!(world.tokens(&world.staker).await, before);
}

#[tokio::test]
async fn nobody_takes_another_earnings() {
    let world = World::new(terms()).await;
    let victim = world.staker.pubkey();
    let thief = world.node.pubkey();
    let by = [&world.node];
    fund_pool(&world, INCOME).await;

    world.advance_clock(2 * EPOCH);
    let positions = [pda::rewards::position(&thief), pda::rewards::position(&victim)];
    let claim = actions::claim(thief, world.mint);
    let exit = actions::exit(thief, world.mint);
    let other = |instruction: Instruction| swap(instruction, positions[0], positions[1]);
    let to_me = |instruction: Instruction| {
        swap(instruction, world.token_account(&victim), world.token_account(&thief))
    };
    let victims = || to_me(actions::claim(victim, world.mint).into());

    world
        .refuse_all([
            case("claim", rewards::Error::NotOwner, other(claim.into()), &by),
            case("exit", rewards::Error::NotOwner, other(exit.into()), &by),
            case("claim unsigned", Refusal::unsigned(), unsigned(victims(), victim), &[]),
            case(
                "compound",
                staking::Error::WrongAccount,
                other(actions::compound(thief).into()),
                &by,
            ),
            case(
                "leave the own position unsettled",
                staking::Error::WrongAccount,
                other(actions::unstake(thief).into()),
                &by,
            ),
            case(
                "another's weight",
                rewards::Error::WrongStake,
                swap(
                    actions::sync(thief),
                    pda::staking::stake(&thief),
                    pda::staking::stake(&victim),
                ),
                &[],
            ),
        ])
        .await;

    check_share(world.claim(&world.staker).await, INCOME / 3, 1);
}

#[tokio::test]
async fn donated_tokens_are_nobodys_until_the_pools_are_counted() {
    let world = World::new(terms()).await;
    let vaults = [pda::staking::vault(), pda::rewards::vault()];
    fund_pool(&world, INCOME).await;
    let pool = world.pool().await;
    let stake = world.stake_of(&world.staker).await;
    for vault in &vaults {
        world.donate(&world.stranger, vault, 1_000 * NOS).await;
    }
    assert_eq!((world.pool().await, world.stake_of(&world.staker).await), (pool, stake));

    world.advance_clock(2 * EPOCH);
    check_share(world.claim(&world.node).await, INCOME / 3, 1);
    check_share(world.claim(&world.other_node).await, INCOME / 3, 1);
    world.run(actions::compound(world.staker.pubkey()), &[&world.staker]).await;
    check_share(world.stake_of(&world.staker).await.amount - STAKE, INCOME / 3, 1);
    for owner in [&world.node, &world.other_node, &world.staker] {
        world.run(actions::unstake(owner.pubkey()), &[owner]).await;
    }

    world.advance_clock(DURATION);
    for owner in [&world.node, &world.other_node, &world.staker] {
        world.run(actions::withdraw(owner.pubkey(), world.mint), &[owner]).await;
        check_share(world.tokens(owner).await, INITIAL_BALANCE + INCOME / 3, 1);
    }
    assert_eq!(world.tokens_in(&vaults[0]).await, 1_000 * NOS, "donations stay where they are");
}
