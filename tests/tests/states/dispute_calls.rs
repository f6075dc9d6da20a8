//! The instructions that move a dispute on.

use nosana_client::{actions, jobs::accounts::Node, pda};
use nosana_protocol::dispute::phase::Phase::{self, Committing, Opening, Over, Seating, Voting};
use nosana_tests::{
    terms::{SALT, SKETCH},
    world::disputes::vote_commitment,
};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    dispute_fixture::{CALLER, DisputeFixture},
    signed::SignedCall,
};

/// The instructions that move a dispute on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    DrawPanel,
    ClaimSeat,
    CommitSketch,
    OpenTrace,
    Reveal,
    Resolve,
    CloseSeat,
    CloseDispute,
}

impl Call {
    /// Returns the instruction, signed by a wallet that may send it. A seat is claimed for the node
    /// that has none.
    pub async fn sign(self, fixture: &DisputeFixture) -> SignedCall<'_> {
        let DisputeFixture { world, stored, job, node, panel, late, said, .. } = fixture;
        let address = fixture.address;
        let panelist = &panel[usize::from(CALLER)];
        let owner = panelist.pubkey();
        let vote = said[usize::from(CALLER)];
        let (instruction, signers): (Instruction, Vec<&Keypair>) = match self {
            Self::DrawPanel => (actions::draw_panel(address).into(), vec![]),
            Self::ClaimSeat => {
                (actions::claim_seat(late.pubkey(), address, stored).into(), vec![late])
            }
            Self::CommitSketch => {
                let commitment = vote_commitment(&owner, &address, vote);
                (actions::commit_sketch(owner, address, commitment).into(), vec![panelist])
            }
            Self::OpenTrace => {
                let open = actions::open_trace(world.node.pubkey(), address, stored, SKETCH, SALT);
                (open.into(), vec![&world.node])
            }
            Self::Reveal => {
                let (verdict, sketch) = vote;
                let reveal = actions::reveal(owner, address, sketch, verdict as u8, SALT);
                (reveal.into(), vec![panelist])
            }
            Self::Resolve => {
                (actions::resolve(address, stored, job, node, world.mint).into(), vec![])
            }
            Self::CloseSeat => {
                let seated = pda::jobs::node(&owner);
                let node: Node = world.get(&seated).await;
                let reporter = world.token_account(&world.deployer.pubkey());
                let close = actions::close_seat(
                    address, stored, CALLER, seated, &node, world.mint, reporter,
                );
                (close.into(), vec![])
            }
            Self::CloseDispute => (actions::close_dispute(address, stored).into(), vec![]),
        };

        SignedCall { name: format!("{self:?}"), instruction, signers }
    }

    /// Returns the phase in which the call can succeed.
    pub const fn phase(self) -> Phase {
        match self {
            Self::DrawPanel | Self::ClaimSeat => Seating,
            Self::CommitSketch => Committing,
            Self::OpenTrace => Opening,
            Self::Reveal => Voting,
            Self::Resolve => Over,
            Self::CloseSeat | Self::CloseDispute => Phase::Resolved,
        }
    }
}
