//! Markets for the holders of a collection's tokens.

use nosana_client::{
    actions,
    jobs::{
        self,
        instructions::{EvictNode, Start, Work},
        types::MarketTerms,
    },
    pda, token,
};
use nosana_protocol::slot::SlotState;
use nosana_tests::{
    Chain,
    terms::{NOTICE, batch, terms},
    world::{
        Case,
        access::{COLLECTION, METADATA, Pass, metadata_of},
        case,
    },
};
use solana_address::Address;
use solana_instruction::Instruction;
use solana_signer::Signer;

use crate::{
    World,
    helpers::{apply_terms, change_terms, propose_terms},
};

const OTHER: Address = Address::new_from_array([0xc1; 32]);

/// What the member `node` passes, and what others try, each with the reason why it opens nothing.
struct Passes {
    mint: Address,
    valid: Pass,
    other_valid: Pass,
    invalid: Vec<(&'static str, Option<Address>, Option<Address>)>,
}

async fn make_passes(world: &World) -> Passes {
    let [mint, empty, foreign] = [
        world.mint_with(0, false).await,
        world.mint_with(0, false).await,
        world.mint_with(0, false).await,
    ];
    let held = world.hold_token(&world.node, &mint, 1).await;
    let none = world.hold_token(&world.node, &empty, 0).await;
    let held_by_another = world.hold_token(&world.stranger, &foreign, 1).await;
    let in_collection = Some((true, COLLECTION));
    let valid = world.write_account(1, METADATA, metadata_of(&mint, in_collection, true));
    let plain = world.write_account(2, METADATA, metadata_of(&mint, in_collection, false));
    let of_empty = world.write_account(3, METADATA, metadata_of(&empty, in_collection, true));
    let of_foreign = world.write_account(4, METADATA, metadata_of(&foreign, in_collection, true));
    let unverified =
        world.write_account(5, METADATA, metadata_of(&mint, Some((false, COLLECTION)), true));
    let without = world.write_account(6, METADATA, metadata_of(&mint, None, true));
    let other = world.write_account(7, METADATA, metadata_of(&mint, Some((true, OTHER)), true));
    let forged = world.write_account(8, jobs::ID, metadata_of(&mint, in_collection, true));
    let mut edition = metadata_of(&mint, in_collection, true);
    edition[0] = 6;
    let edition = world.write_account(9, METADATA, edition);
    let whole = metadata_of(&mint, in_collection, true);
    let cut = world.write_account(10, METADATA, whole[..whole.len() - 41].to_vec());
    let nothing = world.write_account(11, METADATA, vec![]);
    let mut endless = whole;
    endless[65..69].fill(0xff);
    let endless = world.write_account(12, METADATA, endless);
    let copy = Chain::account(&world.chain, &held).await.expect("it is there").data;
    let no_token_account = world.write_account(13, jobs::ID, copy);
    let invalid = vec![
        ("nothing", None, None),
        ("no metadata", Some(held), None),
        ("no token", None, Some(valid)),
        ("of no collection", Some(held), Some(without)),
        ("of another collection", Some(held), Some(other)),
        ("not verified", Some(held), Some(unverified)),
        ("the metadata of another mint", Some(held), Some(of_foreign)),
        ("a token that is not held", Some(none), Some(of_empty)),
        ("a token that another holds", Some(held_by_another), Some(of_foreign)),
        ("metadata of another program", Some(held), Some(forged)),
        ("an edition, not metadata", Some(held), Some(edition)),
        ("metadata that ends in the middle", Some(held), Some(cut)),
        ("empty metadata", Some(held), Some(nothing)),
        ("a name without an end", Some(held), Some(endless)),
        ("a token account of another program", Some(no_token_account), Some(valid)),
        ("the mint as the token account", Some(mint), Some(valid)),
        ("both the wrong way round", Some(valid), Some(held)),
    ];
    Passes { mint, valid: (held, valid), other_valid: (held, plain), invalid }
}

/// Tries with `node` all that opens nothing.
async fn refuse_invalid(
    world: &World,
    passes: &Passes,
    with: impl Fn(Option<Address>, Option<Address>) -> Instruction,
) {
    for (what, token, metadata) in &passes.invalid {
        let refused: Case =
            case(what, jobs::Error::NoAccess, with(*token, *metadata), &[&world.node]);
        world.refuse_all([refused]).await;
    }
}

fn members_only() -> MarketTerms {
    MarketTerms { access_collection: COLLECTION, ..terms() }
}

fn work_instruction(
    world: &World,
    access_token: Option<Address>,
    access_metadata: Option<Address>,
) -> Work {
    Work { access_token, access_metadata, ..actions::work(world.node.pubkey(), world.market, 1) }
}

#[tokio::test]
async fn only_members_take_work_and_only_members_start_it() {
    let world = World::new(members_only()).await;
    let passes = make_passes(&world).await;
    let by = [&world.node];
    refuse_invalid(&world, &passes, |token, metadata| {
        work_instruction(&world, token, metadata).into()
    })
    .await;
    let (token, metadata) = passes.valid;
    world.run(work_instruction(&world, Some(token), Some(metadata)), &by).await;
    world.run(actions::leave(world.node.pubkey(), world.market, 0), &by).await;
    let (token, metadata) = passes.other_valid;
    world.run(work_instruction(&world, Some(token), Some(metadata)), &by).await;
    let job = world.list(batch(1)).await;
    let stored = world.job(&job).await;
    assert_eq!(stored.access_collection, COLLECTION);
    let start = |access_token, access_metadata| Start {
        access_token,
        access_metadata,
        ..actions::start(world.node.pubkey(), job, &stored)
    };
    refuse_invalid(&world, &passes, |token, metadata| start(token, metadata).into()).await;

    // The token is passed on between the two.
    let elsewhere = world.hold_token(&world.stranger, &passes.mint, 0).await;
    let (owner, stranger) = (world.node.pubkey(), world.stranger.pubkey());
    let pass_on = |from, to, owner| {
        spl_token_interface::instruction::transfer(&token::PROGRAM, from, to, owner, &[], 1)
            .expect("valid")
    };
    world.run(pass_on(&token, &elsewhere, &owner), &by).await;
    world.refuse(jobs::Error::NoAccess, start(Some(token), Some(metadata)), &by).await;
    world.refuse(jobs::Error::NoAccess, start(Some(elsewhere), Some(metadata)), &by).await;
    world.run(pass_on(&elsewhere, &token, &stranger), &[&world.stranger]).await;
    world.run(start(Some(token), Some(metadata)), &by).await;
    world.finish(&world.node, &job).await;
}

#[tokio::test]
async fn a_job_requires_what_its_market_required_when_it_was_listed() {
    let world = World::new(terms()).await;
    let passes = make_passes(&world).await;
    let open = world.list(batch(1)).await;
    change_terms(&world, members_only()).await;
    let closed = world.list(batch(2)).await;
    let by = [&world.node];
    let (token, metadata) = passes.valid;
    world.run(work_instruction(&world, Some(token), Some(metadata)), &by).await;
    world.run(work_instruction(&world, Some(token), Some(metadata)), &by).await;
    world.start(&world.node, &open).await;
    let start = actions::start(world.node.pubkey(), closed, &world.job(&closed).await);
    world.refuse(jobs::Error::NoAccess, start, &by).await;
}

/// Returns the instruction that evicts `node` from the only cell in which it waits.
async fn evict_instruction(world: &World) -> EvictNode {
    let cell = world.cell(&pda::jobs::node(&world.node.pubkey())).await;
    actions::evict_node(world.node.pubkey(), world.market, cell)
}

/// The states of the first two slots of `node`.
async fn two_slots(world: &World) -> [SlotState; 2] {
    let slots = world.node_of(&world.node).await.slots;
    [slots[0], slots[1]].map(|slot| SlotState::from_byte(slot.state).expect("a state"))
}

#[tokio::test]
async fn a_member_in_line_stays_beside_a_match_of_before() {
    let world = World::new(terms()).await;
    let passes = make_passes(&world).await;
    world.run(propose_terms(&world, members_only()), &[&world.deployer]).await;
    world.advance_clock(NOTICE.into());
    world.work(&world.node).await;
    let matched = world.list(batch(1)).await;

    world.run(apply_terms(&world), &[]).await;
    world.advance_clock(1);
    let (token, metadata) = passes.valid;
    world.run(work_instruction(&world, Some(token), Some(metadata)), &[&world.node]).await;
    let slots = world.node_of(&world.node).await.slots;
    assert!(slots[0].taken_at < slots[1].taken_at, "the one that is matched is older");

    let evict = evict_instruction(&world).await;
    world.refuse(jobs::Error::NotEvictable, evict, &[]).await;
    world.start(&world.node, &matched).await;
    assert_eq!(two_slots(&world).await, [SlotState::Running, SlotState::Waiting]);
}

#[tokio::test]
async fn a_slot_of_before_is_evicted_beside_a_later_one_of_another_market() {
    let world = World::new(terms()).await;
    let other = world.open_market(2, terms()).await;
    world.work(&world.node).await;
    change_terms(&world, members_only()).await;
    world.advance_clock(1);
    let elsewhere = actions::work(world.node.pubkey(), other, 1);
    world.run(elsewhere, &[&world.node]).await;

    world.run(evict_instruction(&world).await, &[]).await;
    assert_eq!(two_slots(&world).await, [SlotState::Free, SlotState::Waiting]);
    assert_eq!(world.node_of(&world.node).await.slots[1].market, other);
}
