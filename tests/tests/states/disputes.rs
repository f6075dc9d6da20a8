//! What every instruction does to a dispute in every situation.

use nosana_client::{
    actions,
    jobs::{
        Error::{NotSeated, SeatsOpen, SeatsTaken, TooEarly, WrongPhase},
        accounts::Node,
    },
    pda,
};
use nosana_protocol::dispute::phase::Phase::{self, Committing, Opening, Over, Seating, Voting};
use nosana_tests::{
    Refusal,
    terms::{SALT, SKETCH},
    world::disputes::vote_commitment,
};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    dispute_fixture::{CALLER, DisputeFixture, Outcome, Situation},
    signed::SignedCall,
};

use Outcome::{Absent, Closes, Is, No};
use Situation::{
    AllClosed, AllCommitted, AllRevealed, CallerClosed, CallerCommitted, CallerRevealed, Closed,
    Commits, Drawn, DrawnTooLong, LoserOpen, NoneCommitted, NoneRevealed, NotOpened, OneCommitted,
    OthersCommitted, OthersRevealed, Resolved, Seated, Undisputed, Undrawn, UndrawnTooLong, Votes,
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

/// Frequent outcomes, in short.
const PHASE: Outcome = No(WrongPhase);
const NO_SEAT: Outcome = No(NotSeated);
const ENDS: Outcome = Is(Phase::Resolved);

pub const CALLS: [Call; 8] = [
    Call::DrawPanel,
    Call::ClaimSeat,
    Call::CommitSketch,
    Call::OpenTrace,
    Call::Reveal,
    Call::Resolve,
    Call::CloseSeat,
    Call::CloseDispute,
];
#[rustfmt::skip]
pub const OUTCOMES: [(Situation, [Outcome; 8]); 23] = [
    //                 draw_panel   claim_seat      commit_sketch   open_trace  reveal      resolve
    //   close_seat       close_dispute
    (Undisputed,      [Absent,      Absent,         Absent,         Absent,     Absent,     Absent, Absent,        Absent]),
    (Undrawn,         [Is(Seating), No(TooEarly),   NO_SEAT,        PHASE,      PHASE,      PHASE,  PHASE,         PHASE]),
    (UndrawnTooLong,  [PHASE,       PHASE,          NO_SEAT,        PHASE,      PHASE,      ENDS,   PHASE,         PHASE]),
    (Drawn,           [PHASE,       Is(Seating),    NO_SEAT,        PHASE,      PHASE,      PHASE,  PHASE,         PHASE]),
    (DrawnTooLong,    [PHASE,       PHASE,          NO_SEAT,        PHASE,      PHASE,      ENDS,   PHASE,         PHASE]),
    (Seated,          [PHASE,       No(SeatsTaken), PHASE,          PHASE,      PHASE,      PHASE,  PHASE,         PHASE]),
    (Commits,         [PHASE,       PHASE,          Is(Committing), PHASE,      PHASE,      PHASE,  PHASE,         PHASE]),
    (CallerCommitted, [PHASE,       PHASE,          NO_SEAT,        PHASE,      PHASE,      PHASE,  PHASE,         PHASE]),
    (OthersCommitted, [PHASE,       PHASE,          Is(Opening),    PHASE,      PHASE,      PHASE,  PHASE,         PHASE]),
    (NoneCommitted,   [PHASE,       PHASE,          PHASE,          PHASE,      PHASE,      ENDS,   PHASE,         PHASE]),
    (AllCommitted,    [PHASE,       PHASE,          NO_SEAT,        Is(Voting), PHASE,      PHASE,  PHASE,         PHASE]),
    (OneCommitted,    [PHASE,       PHASE,          NO_SEAT,        Is(Voting), PHASE,      PHASE,  PHASE,         PHASE]),
    (NotOpened,       [PHASE,       PHASE,          NO_SEAT,        PHASE,      PHASE,      ENDS,   PHASE,         PHASE]),
    (Votes,           [PHASE,       PHASE,          NO_SEAT,        PHASE,      Is(Voting), PHASE,  PHASE,         PHASE]),
    (CallerRevealed,  [PHASE,       PHASE,          NO_SEAT,        PHASE,      NO_SEAT,    PHASE,  PHASE,         PHASE]),
    (OthersRevealed,  [PHASE,       PHASE,          NO_SEAT,        PHASE,      Is(Over),   PHASE,  PHASE,         PHASE]),
    (NoneRevealed,    [PHASE,       PHASE,          NO_SEAT,        PHASE,      PHASE,      ENDS,   PHASE,         PHASE]),
    (AllRevealed,     [PHASE,       PHASE,          NO_SEAT,        PHASE,      PHASE,      ENDS,   PHASE,         PHASE]),
    (Resolved,        [PHASE,       PHASE,          NO_SEAT,        PHASE,      PHASE,      PHASE,  ENDS,          No(SeatsOpen)]),
    (LoserOpen,       [PHASE,       PHASE,          NO_SEAT,        PHASE,      PHASE,      PHASE,  No(SeatsOpen), No(SeatsOpen)]),
    (CallerClosed,    [PHASE,       PHASE,          NO_SEAT,        PHASE,      PHASE,      PHASE,  NO_SEAT,       No(SeatsOpen)]),
    (AllClosed,       [PHASE,       PHASE,          NO_SEAT,        PHASE,      PHASE,      PHASE,  NO_SEAT,       Closes]),
    (Closed,          [Absent,      Absent,         Absent,         Absent,     Absent,     Absent, Absent,        Absent]),
];

impl Situation {
    /// What every instruction does here.
    pub fn outcomes(self) -> impl Iterator<Item = (Call, Outcome)> {
        let row = OUTCOMES.into_iter().find(|(of, _)| *of == self);
        let (_, outcomes) = row.expect("every situation has a row");
        CALLS.into_iter().zip(outcomes)
    }

    /// Tries every instruction. All that are refused are tried in one world, since they change
    /// nothing; each of the others gets a world of its own.
    async fn check_outcomes(self) {
        let unchanged = DisputeFixture::new(self).await;
        for (call, outcome) in self.outcomes() {
            let refusal: Refusal = match outcome {
                No(error) => error.into(),
                Absent => Refusal::too_small(),
                Is(_) | Closes => {
                    let fixture = DisputeFixture::new(self).await;
                    fixture.expect_outcome(call.sign(&fixture).await, outcome).await;
                    continue;
                }
            };
            let signed = call.sign(&unchanged).await;
            signed.expect_refusal(&unchanged.world, self, refusal).await;
        }
    }
}

situations! {
    23,
    undisputed: Undisputed,
    undrawn: Undrawn,
    undrawn_for_too_long: UndrawnTooLong,
    drawn: Drawn,
    drawn_for_too_long: DrawnTooLong,
    seated: Seated,
    committing: Commits,
    committing_after_the_caller: CallerCommitted,
    committing_but_for_the_caller: OthersCommitted,
    nobody_has_committed: NoneCommitted,
    opening: AllCommitted,
    opening_after_one_commitment: OneCommitted,
    not_opened: NotOpened,
    voting: Votes,
    voting_after_the_caller: CallerRevealed,
    voting_but_for_the_caller: OthersRevealed,
    nobody_has_revealed: NoneRevealed,
    over: AllRevealed,
    resolved: Resolved,
    resolved_with_the_seat_of_a_loser: LoserOpen,
    resolved_without_the_seat_of_the_caller: CallerClosed,
    resolved_without_seats: AllClosed,
    closed: Closed,
}

/// Every call succeeds in some situation, and only in those of its phase.
#[test]
fn a_call_succeeds_in_its_phase_only() {
    for call in CALLS {
        let succeeds = |situation: &Situation| {
            let mut outcomes = situation.outcomes();
            let outcome = outcomes.find(|(of, _)| *of == call).expect("every call has a column").1;
            matches!(outcome, Is(_) | Closes)
        };
        let here: Vec<Situation> = SITUATIONS.into_iter().filter(succeeds).collect();
        assert!(!here.is_empty(), "{call:?} never succeeds");
        for situation in here {
            assert_eq!(situation.phase(), Some(call.phase()), "{situation:?}, {call:?}");
        }
    }
}
