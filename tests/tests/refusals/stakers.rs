//! Stakes that change, positions that end, streams, and who governs both programs.

use nosana_client::{
    actions::{self, Emission},
    pda, rewards, staking,
};
use nosana_tests::{
    Refusal,
    terms::{DURATION, EPOCH, NOS, PURSE, terms},
    world::{case, swap, unsigned},
};
use solana_signer::Signer;

use crate::World;

const DAY: u64 = 86_400;

pub async fn change_a_stake() -> World {
    let world = World::new(terms()).await;
    let owner = world.wallet().await;
    let (key, thief, by) = (owner.pubkey(), world.stranger.pubkey(), [&owner]);
    world.run(actions::stake(key, world.mint, NOS, 100 * DAY), &by).await;
    world.enter(&owner).await;
    let top_up = |amount| actions::top_up_stake(key, world.mint, amount);
    let extend = |days: u64| actions::extend_stake(key, days * DAY);
    let others = pda::rewards::position(&world.staker.pubkey());
    let too_long = staking::instructions::Extend { duration_seconds: DURATION + 1, ..extend(1) };
    world
        .refuse_all([
            case("add nothing", staking::Error::AmountTooSmall, top_up(0), &by),
            case("add beyond all numbers", staking::Error::Overflow, top_up(u64::MAX), &by),
            case("add more than there is", Refusal::too_few_tokens(), top_up(PURSE), &by),
            case(
                "another's stake",
                staking::Error::NotOwner,
                swap(top_up(1), key, thief),
                &[&world.stranger],
            ),
            case("add unsigned", Refusal::unsigned(), unsigned(top_up(1), key), &[]),
            case(
                "another position",
                staking::Error::WrongAccount,
                swap(top_up(1), pda::rewards::position(&key), others),
                &by,
            ),
            case(
                "another vault",
                staking::Error::WrongAccount,
                swap(top_up(1), pda::staking::vault(), pda::rewards::vault()),
                &by,
            ),
            case("no longer", staking::Error::NotLonger, extend(100), &by),
            case("over a year", staking::Error::DurationOutOfRange, too_long, &by),
            case(
                "extend another's",
                staking::Error::NotOwner,
                swap(extend(200), key, thief),
                &[&world.stranger],
            ),
            case("restake what is staked", staking::Error::NotUnstaked, actions::restake(key), &by),
            case("compound nothing", rewards::Error::NothingToClaim, actions::compound(key), &by),
            case(
                "compound another's",
                staking::Error::NotOwner,
                swap(actions::compound(key), key, thief),
                &[&world.stranger],
            ),
        ])
        .await;
    world.run(actions::unstake(key), &by).await;
    world
        .refuse_all([
            case("add in the cooldown", staking::Error::AlreadyUnstaked, top_up(NOS), &by),
            case("extend in the cooldown", staking::Error::AlreadyUnstaked, extend(200), &by),
            case(
                "restake another's",
                staking::Error::NotOwner,
                swap(actions::restake(key), key, thief),
                &[&world.stranger],
            ),
        ])
        .await;
    world.pass(10 * DAY);
    world.run(actions::withdraw(key, world.mint), &by).await;
    world.refuse(staking::Error::AmountTooSmall, actions::restake(key), &by).await;
    world
}

pub async fn streams() -> World {
    let world = World::new(terms()).await;
    let (owner, by, now) = (world.client.pubkey(), [&world.client], world.now());
    let valid = Emission { id: 1, amount: NOS, start: now, end: now + 100, cancellable: false };
    let open = |emission| actions::open_stream(owner, world.mint, emission);
    let close = |who, id| actions::close_stream(who, owner, world.mint, id);
    let theft =
        swap(open(valid), open(valid).source, world.token_account(&world.stranger.pubkey()));
    let out = rewards::Error::StreamOutOfRange;
    world
        .refuse_all([
            case(
                "of nothing",
                rewards::Error::ZeroAmount,
                open(Emission { amount: 0, ..valid }),
                &by,
            ),
            case("that began", out, open(Emission { start: now - 1, ..valid }), &by),
            case("without a length", out, open(Emission { end: now, ..valid }), &by),
            case(
                "over ten years",
                out,
                open(Emission { end: now + 10 * 366 * 86_400 + 1, ..valid }),
                &by,
            ),
            case(
                "of another's tokens",
                Refusal::Program(nosana_client::token::PROGRAM, 4),
                theft,
                &by,
            ),
            case("unsigned", Refusal::unsigned(), unsigned(open(valid), owner), &[]),
        ])
        .await;
    world.run(open(valid), &by).await;
    world.run(open(Emission { id: 2, cancellable: true, ..valid }), &by).await;
    world.refuse(Refusal::already_there(), open(valid), &by).await;
    world.pass(50);
    let stranger = world.stranger.pubkey();
    let tokens = world.token_account(&stranger);
    world
        .refuse_all([
            case(
                "closed early",
                rewards::Error::StreamRuns,
                close(stranger, 1),
                &[&world.stranger],
            ),
            case(
                "another's, cancelled",
                rewards::Error::StreamRuns,
                close(stranger, 2),
                &[&world.stranger],
            ),
            case("cancelled", rewards::Error::NotCancellable, close(owner, 1), &by),
            case(
                "the rent to another",
                rewards::Error::WrongAccount,
                rewards::instructions::CloseStream { owner: stranger, ..close(stranger, 2) },
                &[&world.stranger],
            ),
            case(
                "from the stakes",
                rewards::Error::WrongAccount,
                swap(close(owner, 2), pda::rewards::vault(), pda::staking::vault()),
                &by,
            ),
            case(
                "to the vault",
                Refusal::same_account_twice(rewards::ID),
                {
                    let close = close(owner, 2);
                    swap(close.clone(), close.destination, close.vault)
                },
                &by,
            ),
        ])
        .await;
    let stream = pda::rewards::stream(&owner, 2);
    world.run(actions::drip(stream), &[]).await;
    world.refuse(rewards::Error::NothingDue, actions::drip(stream), &[]).await;
    world.run(swap(close(owner, 2), world.token_account(&owner), tokens), &by).await;

    let (staker, exit) = (world.staker.pubkey(), actions::exit(world.staker.pubkey(), world.mint));
    world
        .refuse_all([
            case(
                "another's exit",
                rewards::Error::NotOwner,
                swap(exit.clone(), staker, stranger),
                &[&world.stranger],
            ),
            case("unsigned", Refusal::unsigned(), unsigned(exit.clone(), staker), &[]),
        ])
        .await;
    world.run(exit.clone(), &[&world.staker]).await;
    world.refuse(Refusal::too_small(), exit, &[&world.staker]).await;
    world.pass(EPOCH);
    world
}

pub async fn govern_stakes_and_rewards() -> World {
    let world = World::new(terms()).await;
    let (stranger, admin) = (world.stranger.pubkey(), world.deployer.pubkey());
    let (by, admin_by) = ([&world.stranger], [&world.deployer]);
    world
        .refuse_all([
            case(
                "propose",
                staking::Error::NotAdmin,
                staking::instructions::ProposeAdmin { admin: stranger, next_admin: stranger },
                &by,
            ),
            case(
                "accept",
                staking::Error::NotProposed,
                staking::instructions::AcceptAdmin { pending_admin: stranger },
                &by,
            ),
            case(
                "pause",
                staking::Error::NotGuardian,
                staking::instructions::SetPaused { guardian: stranger, paused: true },
                &by,
            ),
            case(
                "propose for the pool",
                rewards::Error::NotAdmin,
                rewards::instructions::ProposeAdmin { admin: stranger, next_admin: stranger },
                &by,
            ),
            case(
                "accept for the pool",
                rewards::Error::NotProposed,
                rewards::instructions::AcceptAdmin { pending_admin: stranger },
                &by,
            ),
            case(
                "pause the pool",
                rewards::Error::NotGuardian,
                rewards::instructions::SetPaused { guardian: stranger, paused: true },
                &by,
            ),
        ])
        .await;
    // The stranger is made guardian, and then admin: guardians pause, admins name guardians.
    let name = staking::instructions::SetGuardian { admin, guardian: stranger };
    world.run(name, &admin_by).await;
    let name = rewards::instructions::SetGuardian { admin, guardian: stranger };
    world.run(name, &admin_by).await;
    let pause = staking::instructions::SetPaused { guardian: stranger, paused: true };
    world.run(pause, &by).await;
    world.run(rewards::instructions::SetPaused { guardian: stranger, paused: true }, &by).await;
    let (client, staker, staker_by) =
        (world.client.pubkey(), world.staker.pubkey(), [&world.staker]);
    let emission =
        Emission { id: 1, amount: 1, start: world.now(), end: world.now() + 1, cancellable: false };
    world
        .refuse_all([
            case(
                "stake",
                staking::Error::Paused,
                actions::stake(client, world.mint, NOS, DURATION),
                &[&world.client],
            ),
            case(
                "add",
                staking::Error::Paused,
                actions::top_up_stake(staker, world.mint, 1),
                &staker_by,
            ),
            case(
                "extend",
                staking::Error::Paused,
                actions::extend_stake(staker, DURATION),
                &staker_by,
            ),
            case("compound", staking::Error::Paused, actions::compound(staker), &staker_by),
            case("restake", staking::Error::Paused, actions::restake(staker), &staker_by),
            case(
                "stream",
                rewards::Error::Paused,
                actions::open_stream(client, world.mint, emission),
                &[&world.client],
            ),
        ])
        .await;
    // Everything by which money leaves goes on.
    world.run(actions::exit(staker, world.mint), &staker_by).await;
    world.refuse(rewards::Error::Paused, actions::enter(staker), &staker_by).await;
    world.run(actions::unstake(staker), &staker_by).await;
    world.pass(DURATION);
    world.run(actions::withdraw(staker, world.mint), &staker_by).await;
    let propose = staking::instructions::ProposeAdmin { admin, next_admin: stranger };
    world.run(propose, &admin_by).await;
    world.run(staking::instructions::AcceptAdmin { pending_admin: stranger }, &by).await;
    let late = staking::instructions::SetGuardian { admin, guardian: admin };
    world.refuse(staking::Error::NotAdmin, late, &admin_by).await;
    let propose = rewards::instructions::ProposeAdmin { admin, next_admin: stranger };
    world.run(propose, &admin_by).await;
    world.run(rewards::instructions::AcceptAdmin { pending_admin: stranger }, &by).await;
    world
}
