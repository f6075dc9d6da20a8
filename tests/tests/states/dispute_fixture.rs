//! Worlds in which a dispute is in a given situation.

use nosana_client::{
    jobs::{
        Error,
        accounts::{Dispute, Job, Node},
    },
    pda,
};
use nosana_protocol::{
    dispute::{phase::Phase, votes::Verdict},
    units::UnixTimestamp,
};
use nosana_tests::{
    terms::{OTHER_SKETCH, SKETCH, verified_terms},
    world::disputes::{EVERYBODYS_TURN, Said},
};
use solana_address::Address;
use solana_keypair::Keypair;

use crate::{World, signed::SignedCall};

/// The panelist who sends the calls of panelists: the one who has the last seat.
pub const CALLER: u8 = 2;

/// The situation of a dispute over a verified result, as finely as instructions distinguish it.
/// Four nodes are enrolled; the one with the highest score takes no seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Situation {
    /// Nobody has disputed the result.
    Undisputed,
    /// Seating: the panel is not drawn.
    Undrawn,
    /// Over: the panel was not drawn in time.
    UndrawnTooLong,
    /// Seating: the panel is drawn, and nobody has a seat.
    Drawn,
    /// Over: nobody has taken a seat in time.
    DrawnTooLong,
    /// Seating: three panelists have seats.
    Seated,
    /// Committing: nobody has.
    Commits,
    /// Committing: the caller has.
    CallerCommitted,
    /// Committing: the two others have.
    OthersCommitted,
    /// Over: nobody has committed in time.
    NoneCommitted,
    /// Opening: all have committed.
    AllCommitted,
    /// Opening: the caller has committed, and the time of the others is over.
    OneCommitted,
    /// Over: the node has not opened its trace in time.
    NotOpened,
    /// Voting: nobody has revealed.
    Votes,
    /// Voting: the caller has revealed.
    CallerRevealed,
    /// Voting: the two others have.
    OthersRevealed,
    /// Over: nobody has revealed in time.
    NoneRevealed,
    /// Over: all have revealed.
    AllRevealed,
    /// Resolved: all are paid, and their seats are open.
    Resolved,
    /// Resolved: the caller is paid, and the seat of one who is overruled is open.
    LoserOpen,
    /// Resolved: the caller's seat is closed, the others are open.
    CallerClosed,
    /// Resolved: every seat is closed.
    AllClosed,
    /// The account is closed.
    Closed,
}

/// What an instruction does in a situation.
#[derive(Clone, Copy, Debug)]
pub enum Outcome {
    /// It succeeds; the dispute then stores this phase.
    Is(Phase),
    /// It succeeds; the dispute's account is then closed.
    Closes,
    /// It is refused.
    No(Error),
    /// It is refused: the account does not exist.
    Absent,
}

/// What is done to a dispute after the draw, in which all panelists say what they will say.
#[derive(Clone, Copy)]
enum Step {
    TakeSeats,
    EndPhase,
    Commit(usize),
    Open,
    Reveal(usize),
    Resolve,
    CloseSeat(u8),
    Close,
}

impl Situation {
    /// The phase at the time of the situation; nothing if there is no account.
    pub const fn phase(self) -> Option<Phase> {
        Some(match self {
            Self::Undisputed | Self::Closed => return None,
            Self::Undrawn | Self::Drawn | Self::Seated => Phase::Seating,
            Self::Commits | Self::CallerCommitted | Self::OthersCommitted => Phase::Committing,
            Self::AllCommitted | Self::OneCommitted => Phase::Opening,
            Self::Votes | Self::CallerRevealed | Self::OthersRevealed => Phase::Voting,
            Self::UndrawnTooLong
            | Self::DrawnTooLong
            | Self::NoneCommitted
            | Self::NotOpened
            | Self::NoneRevealed
            | Self::AllRevealed => Phase::Over,
            Self::Resolved | Self::LoserOpen | Self::CallerClosed | Self::AllClosed => {
                Phase::Resolved
            }
        })
    }

    const fn is_drawn(self) -> bool {
        !matches!(self, Self::Undisputed | Self::Undrawn | Self::UndrawnTooLong)
    }

    /// What each panelist says, in the order of the seats.
    fn said(self) -> [Said; 3] {
        let wrong = (Verdict::Wrong, OTHER_SKETCH);
        let first = if self == Self::LoserOpen { (Verdict::Right, SKETCH) } else { wrong };
        [first, wrong, wrong]
    }

    /// What leads there, after the draw if there is one.
    fn steps(self) -> Vec<Step> {
        use Step::{Close, CloseSeat, Commit, EndPhase, Open, Resolve, Reveal, TakeSeats};

        let commits = vec![TakeSeats, EndPhase];
        let committed = [&commits[..], &[Commit(0), Commit(1), Commit(2)]].concat();
        let votes = [&committed[..], &[Open]].concat();
        let over = [&votes[..], &[Reveal(0), Reveal(1), Reveal(2)]].concat();
        let resolved = [&over[..], &[Resolve]].concat();
        let closed = [&resolved[..], &[CloseSeat(0), CloseSeat(1), CloseSeat(2)]].concat();

        let (until, then): (&[Step], &[Step]) = match self {
            Self::Undisputed | Self::Undrawn | Self::Drawn => (&[], &[]),
            Self::UndrawnTooLong | Self::DrawnTooLong => (&[], &[EndPhase]),
            Self::Seated => (&[], &[TakeSeats]),
            Self::Commits => (&commits, &[]),
            Self::CallerCommitted => (&commits, &[Commit(2)]),
            Self::OthersCommitted => (&commits, &[Commit(0), Commit(1)]),
            Self::NoneCommitted => (&commits, &[EndPhase]),
            Self::AllCommitted => (&committed, &[]),
            Self::OneCommitted => (&commits, &[Commit(2), EndPhase]),
            Self::NotOpened => (&committed, &[EndPhase]),
            Self::Votes => (&votes, &[]),
            Self::CallerRevealed => (&votes, &[Reveal(2)]),
            Self::OthersRevealed => (&votes, &[Reveal(0), Reveal(1)]),
            Self::NoneRevealed => (&votes, &[EndPhase]),
            Self::AllRevealed => (&over, &[]),
            Self::Resolved | Self::LoserOpen => (&resolved, &[]),
            Self::CallerClosed => (&resolved, &[CloseSeat(2)]),
            Self::AllClosed => (&closed, &[]),
            Self::Closed => (&closed, &[Close]),
        };
        [until, then].concat()
    }
}

/// A world with a dispute in it, over a result of `node` that `stranger` has challenged.
pub struct DisputeFixture {
    situation: Situation,
    pub world: World,
    pub address: Address,
    /// The dispute as it was read last, for the accounts that instructions name.
    pub stored: Dispute,
    pub job: Job,
    pub node: Node,
    /// Who has a seat, or will have one, in the order of the seats.
    pub panel: [Keypair; 3],
    /// An enrolled node with a higher score than theirs.
    pub late: Keypair,
    /// What each panelist says.
    pub said: [Said; 3],
}

impl DisputeFixture {
    pub async fn new(situation: Situation) -> Self {
        let world = World::new(verified_terms()).await;
        let mut panelists = Vec::new();
        for _ in 0..4 {
            panelists.push(world.panelist().await);
        }
        world.advance_clock(1);
        let disputed = world.submit_verified(&world.node, 1).await;
        let mut address = world.challenge(&world.stranger, &disputed).await;
        world.pass_slots(&address).await;
        if situation.is_drawn() {
            world.draw_panel(&address).await;
            world.advance_clock(EVERYBODYS_TURN);
            panelists = rank_panelists(&world, panelists, &address).await;
        }
        let late = panelists.pop().expect("four panelists");
        let panel: [Keypair; 3] = panelists.try_into().expect("three others");

        let mut stored = world.dispute(&address).await;
        if situation == Situation::Undisputed {
            let job = world.submit_verified(&world.node, 2).await;
            let attempt_id = world.job(&job).await.attempt_id;
            address = pda::jobs::dispute(&job, attempt_id);
            stored = Dispute { job, attempt_id, ..stored };
        }
        let job = world.job(&stored.job).await;
        let node = world.node_of(&world.node).await;
        let said = situation.said();
        let mut fixture = Self { situation, world, address, stored, job, node, panel, late, said };
        for step in situation.steps() {
            fixture.take_step(step).await;
        }
        fixture.check_phase().await;
        fixture
    }

    async fn take_step(&mut self, step: Step) {
        let Self { world, address, panel, said, .. } = &*self;
        match step {
            Step::TakeSeats => {
                for panelist in panel {
                    world.take_seat(panelist, address).await;
                }
            }
            Step::EndPhase => self.end_phase().await,
            Step::Commit(seat) => {
                world.commit_sketch(&panel[seat], address, said[seat]).await;
            }
            Step::Open => {
                world.open_trace(&world.node, address, SKETCH).await;
            }
            Step::Reveal(seat) => {
                world.reveal(&panel[seat], address, said[seat]).await;
            }
            Step::Resolve => {
                world.resolve(address).await;
            }
            Step::CloseSeat(seat) => {
                world.close_seat(address, seat).await;
            }
            Step::Close => {
                world.close_dispute(address).await;
                return;
            }
        }
        self.stored = self.world.dispute(&self.address).await;
    }

    /// Lets the time of the current phase go by, whatever phase is stored.
    async fn end_phase(&self) {
        let Self { world, stored, .. } = self;
        let progress = stored.progress_at(UnixTimestamp(world.now())).expect("in range");
        world.set_clock(progress.ends.0 + 1);
    }

    /// The dispute is in the phase of its situation.
    async fn check_phase(&self) {
        let Self { situation, world, address, .. } = self;
        let found = world.find::<Dispute>(address).await;
        let now = UnixTimestamp(world.now());
        let phase = found.map(|it| it.progress_at(now).expect("in range").phase);
        assert_eq!(phase, situation.phase(), "{situation:?}");
    }

    /// Sends the call, which must lead to this outcome.
    pub async fn expect_outcome(&self, call: SignedCall<'_>, outcome: Outcome) {
        let what = call.expect_success(&self.world, self.situation, outcome).await;
        let found = self.world.find::<Dispute>(&self.address).await;
        let expected = match outcome {
            Outcome::Is(phase) => Some(phase as u8),
            Outcome::Closes | Outcome::No(_) | Outcome::Absent => None,
        };
        assert_eq!(found.map(|dispute| dispute.phase), expected, "{what}");
    }
}

/// Returns the panelists, the one with the lowest score first.
async fn rank_panelists(world: &World, panelists: Vec<Keypair>, dispute: &Address) -> Vec<Keypair> {
    let mut ranked = Vec::new();
    for panelist in panelists {
        ranked.push((world.score_of(&panelist, dispute).await, panelist));
    }
    ranked.sort_by_key(|(score, _)| *score);
    ranked.into_iter().map(|(_, panelist)| panelist).collect()
}
