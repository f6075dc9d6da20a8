//! Those who dispute results, panelists, and those who move disputes on.

use nosana_client::{
    ProgramAccount, actions,
    jobs::{accounts::Dispute, accounts::Node, instructions},
    pda,
};
use nosana_protocol::dispute::votes::Verdict;
use nosana_tests::{
    Chain,
    terms::SALT,
    world::disputes::{SLOT_HASHES, vote_commitment},
};
use sha2::{Digest, Sha256};
use solana_account::Account;
use solana_address::Address;
use solana_instruction::Instruction;

use crate::{
    actors::{self, job, node, sketch, token_account, wallet},
    fixture::Fixture,
    model::{Model, Outcome},
};

/// Acts on the dispute about this attempt of a job, but for the first three. `reporter` is the
/// token account that gets a part of what a panelist loses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisputeAction {
    Challenge { job: u8, by: u8 },
    EnrolPanelist { node: u8, by: u8, on: bool },
    RemovePanelist { node: u8 },
    DrawPanel { job: u8, attempt: u64, first: u8, last: u8, salt: u8 },
    ClaimSeat { job: u8, attempt: u64, node: u8, by: u8 },
    CommitSketch { job: u8, attempt: u64, node: u8, by: u8, verdict: u8, sketch: u8 },
    OpenTrace { job: u8, attempt: u64, by: u8, sketch: u8 },
    Reveal { job: u8, attempt: u64, node: u8, by: u8, verdict: u8, sketch: u8 },
    Resolve { job: u8, attempt: u64 },
    CloseSeat { job: u8, attempt: u64, seat: u8, reporter: u8 },
    CloseDispute { job: u8, attempt: u64 },
}

use DisputeAction::{
    Challenge, ClaimSeat, CloseDispute, CloseSeat, CommitSketch, DrawPanel, EnrolPanelist,
    OpenTrace, RemovePanelist, Resolve, Reveal,
};

/// The sysvar with these slots, counted from `base`; the salt changes their hashes.
fn slot_hashes(base: u64, first: u8, last: u8, salt: u8) -> Vec<u8> {
    let entries: Vec<u8> = (u64::from(first)..=u64::from(last))
        .rev()
        .flat_map(|slot| {
            let hash = Sha256::digest([&slot.to_le_bytes()[..], &[salt]].concat());
            [&(base + slot).to_le_bytes()[..], hash.as_slice()].concat()
        })
        .collect();
    let count = (entries.len() / 40) as u64;
    [&count.to_le_bytes()[..], &entries].concat()
}

impl DisputeAction {
    pub fn apply(&self, model: &mut Model) -> Outcome {
        match *self {
            Challenge { job: j, by } => model.challenge(job(j), wallet(by)),
            EnrolPanelist { node: n, by, on } => model.enrol_panelist(node(n), wallet(by), on),
            RemovePanelist { node: n } => model.remove_panelist(node(n)),
            DrawPanel { job: j, attempt, first, last, salt } => {
                model.draw_panel((job(j), attempt), &slot_hashes(0, first, last, salt))
            }
            ClaimSeat { job: j, attempt, node: n, by } => {
                model.claim_seat((job(j), attempt), node(n), wallet(by))
            }
            CommitSketch { job: j, attempt, node: n, by, verdict, sketch } => {
                model.commit_sketch((job(j), attempt), node(n), wallet(by), (verdict, sketch))
            }
            OpenTrace { job: j, attempt, by, sketch } => {
                model.open_trace((job(j), attempt), wallet(by), sketch)
            }
            Reveal { job: j, attempt, node: n, by, verdict, sketch } => {
                model.reveal((job(j), attempt), node(n), wallet(by), (verdict, sketch))
            }
            Resolve { job: j, attempt } => model.resolve((job(j), attempt)),
            CloseSeat { job: j, attempt, seat, reporter } => {
                model.close_seat((job(j), attempt), seat, token_account(reporter))
            }
            CloseDispute { job: j, attempt } => model.close_dispute((job(j), attempt)),
        }
    }

    pub async fn instruction(&self, fixture: &Fixture) -> Instruction {
        match *self {
            Challenge { job, by } => {
                let (address, stored) = fixture.job(job).await;
                let mint = fixture.world.mint;
                actions::challenge(fixture.wallet(by), address, &stored, mint).into()
            }
            EnrolPanelist { node, by, on } => {
                let enrol = actions::enrol_panelist(fixture.owner(node), on);
                instructions::EnrolPanelist { authority: fixture.wallet(by), ..enrol }.into()
            }
            RemovePanelist { node } => actions::remove_panelist(fixture.owner(node)).into(),
            DrawPanel { job, attempt, first, last, salt } => {
                let (address, stored) = fixture.dispute(job, attempt).await;
                let sysvar = Account {
                    lamports: 1,
                    data: slot_hashes(stored.challenged_slot, first, last, salt),
                    owner: Address::from_str_const("Sysvar1111111111111111111111111111111111111"),
                    ..Account::default()
                };
                fixture.world.chain.set_account(&SLOT_HASHES, sysvar);
                actions::draw_panel(address).into()
            }
            ClaimSeat { job, attempt, node, by } => {
                let (address, stored) = fixture.dispute(job, attempt).await;
                let claim = actions::claim_seat(fixture.owner(node), address, &stored);
                instructions::ClaimSeat { authority: fixture.wallet(by), ..claim }.into()
            }
            CommitSketch { job, attempt, node, by, verdict, sketch } => {
                let (address, _) = fixture.dispute(job, attempt).await;
                let owner = fixture.owner(node);
                let commitment = commitment_of(&owner, &address, (verdict, sketch));
                let commit = actions::commit_sketch(owner, address, commitment);
                instructions::CommitSketch { authority: fixture.wallet(by), ..commit }.into()
            }
            OpenTrace { job, attempt, by, sketch: opened } => {
                let (address, stored) = fixture.dispute(job, attempt).await;
                let node = fixture.nodes.iter().position(|node| *node == stored.node);
                let owner = fixture.wallets[actors::owner_of(node.unwrap_or(0))];
                let open = actions::open_trace(owner, address, &stored, sketch(opened), SALT);
                instructions::OpenTrace { authority: fixture.wallet(by), ..open }.into()
            }
            Reveal { job, attempt, node, by, verdict, sketch: said } => {
                let (address, _) = fixture.dispute(job, attempt).await;
                let owner = fixture.owner(node);
                let reveal = actions::reveal(owner, address, sketch(said), verdict, SALT);
                instructions::Reveal { authority: fixture.wallet(by), ..reveal }.into()
            }
            Resolve { job: number, attempt } => {
                let (address, stored) = fixture.dispute(number, attempt).await;
                let (_, job) = fixture.job(number).await;
                let node: Node = fixture.world.get(&stored.node).await;
                actions::resolve(address, &stored, &job, &node, fixture.world.mint).into()
            }
            CloseSeat { job, attempt, seat, reporter } => {
                let (address, stored) = fixture.dispute(job, attempt).await;
                let seated = stored.seats.get(usize::from(seat)).map(|seat| seat.node);
                let panelist =
                    seated.filter(|node| fixture.nodes.contains(node)).unwrap_or(fixture.nodes[0]);
                let node: Node = fixture.world.get(&panelist).await;
                let reporter = fixture.token_accounts[token_account(reporter)];
                let mint = fixture.world.mint;
                actions::close_seat(address, &stored, seat, panelist, &node, mint, reporter).into()
            }
            CloseDispute { job, attempt } => {
                let (address, stored) = fixture.dispute(job, attempt).await;
                actions::close_dispute(address, &stored).into()
            }
        }
    }
}

/// The commitment to a verdict and a sketch.
pub fn commitment_of(owner: &Address, dispute: &Address, (verdict, said): (u8, u8)) -> [u8; 32] {
    let verdict = Verdict::from_byte(verdict).expect("a verdict");
    vote_commitment(owner, dispute, (verdict, sketch(said)))
}

impl Fixture {
    /// The dispute about an attempt of a job, and what is stored of it. If it does not exist,
    /// returns one that is only well-formed.
    async fn dispute(&self, number: u8, attempt: u64) -> (Address, Dispute) {
        let job = self.jobs[job(number)];
        let address = pda::jobs::dispute(&job, attempt);
        let stored = self.world.find::<Dispute>(&address).await;
        (address, stored.unwrap_or_else(|| self.blank_dispute(job)))
    }

    fn blank_dispute(&self, job: Address) -> Dispute {
        let zeroed = [Dispute::DISCRIMINATOR, &vec![0; Dispute::SIZE - 8]].concat();
        Dispute {
            job,
            market: self.markets[0],
            node: self.nodes[0],
            challenger: self.wallets[actors::STRANGER],
            challenger_token: self.token_accounts[actors::STRANGER],
            ..Dispute::from_data(&zeroed).expect("zeros are a dispute")
        }
    }
}
