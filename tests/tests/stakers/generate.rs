//! Generates steps from a seed.

use nosana_tests::{
    rng::Rng,
    terms::{EPOCH, INITIAL_BALANCE, NOS},
};

use crate::{
    fixture::TREASURE,
    model::Model,
    shares::LONGEST_STREAM,
    stakes::{DAY, DURATIONS, START_SECONDS},
    step::{Action, NODES, SPONSORS, STAKERS, Step, Tampering, Vault, owner_of},
};

/// Steps in which only a few stakers act, so that often nothing is staked.
const QUIET: u64 = 300;

/// Generates steps.
pub struct Generator {
    rng: Rng,
    treasure: bool,
    steps: u64,
    streams: u64,
    jobs: u64,
}

impl Generator {
    /// The steps of this seed. With a treasure, income may be larger than any supply.
    pub const fn new(seed: u64, treasure: bool) -> Self {
        Self { rng: Rng::new(seed), treasure, steps: 0, streams: 0, jobs: 0 }
    }

    /// Returns the next step. Most are allowed by the model.
    pub fn next_step(&mut self, model: &Model) -> Step {
        self.steps += 1;
        if self.rng.chance(5) {
            return self.tampered();
        }

        let picky = self.rng.chance(72);
        let mut step = Step { action: self.action(model), tampering: Tampering::None };
        for _ in 0..12 {
            if !picky || model.clone().apply(&step).is_ok() {
                break;
            }
            step.action = self.action(model);
        }

        match step.action {
            Action::OpenStream { id, .. } => self.streams = self.streams.max(id + 1),
            Action::TakeJob { job, .. } => self.jobs = job + 1,
            _ => {}
        }
        step
    }

    fn who(&mut self) -> usize {
        let few = self.steps < QUIET;
        self.rng.index(if few { 3 } else { STAKERS })
    }

    fn tampered(&mut self) -> Step {
        let who = self.who();
        let to = self.rng.index(NODES);
        let action = match self.rng.below(15) {
            0 => Action::TopUp { who, amount: self.stake_amount() },
            1 => Action::Extend { who, duration: self.duration() },
            2 => Action::Unstake { who },
            3 => Action::Restake { who },
            4 => Action::Withdraw { who },
            5 => Action::Close { who },
            6 => Action::Compound { who },
            7 => Action::Enter { who },
            8 => Action::Claim { who },
            9 => Action::Undelegate { who, to, by_node: false },
            10 => Action::CloseDelegation { who, to, by_node: false },
            11 => Action::ClaimCommission { who: to },
            12 => Action::UnstakeUnsettled { who },
            13 => Action::UndelegateUnsettled { who, to },
            _ => Action::Exit { who },
        };

        // Neither of those who might be the owner.
        let mut thief = (who + 1 + self.rng.index(STAKERS - 1)) % STAKERS;
        while thief == who || thief == to {
            thief = (thief + 1) % STAKERS;
        }
        Step {
            action,
            tampering: if self.rng.chance(70) {
                Tampering::OtherSigner(thief)
            } else {
                Tampering::Unsigned
            },
        }
    }

    fn action(&mut self, model: &Model) -> Action {
        if model.paused.contains(&true) && self.rng.chance(20) {
            return Action::SetPaused { vault: self.vault(), on: false };
        }
        let who = self.who();

        let node = self.rng.index(if self.steps < QUIET { 3 } else { NODES });

        match self.rng.below(135) {
            0..18 => Action::AdvanceClock { seconds: self.seconds(model) },
            18..30 => Action::Stake { who, amount: self.stake_amount(), duration: self.duration() },
            30..35 => Action::TopUp { who, amount: self.stake_amount() },
            35..38 => Action::Extend { who, duration: self.duration() },
            38..42 => Action::Unstake { who },
            42 => Action::UnstakeUnsettled { who },
            43..46 => Action::Restake { who },
            46..52 => Action::Withdraw { who },
            52..54 => Action::Close { who },
            54..57 => Action::Compound { who },
            57..68 => Action::Enter { who },
            68..71 => Action::Sync { who },
            71 => {
                Action::SyncWith { who, other: (who + 1 + self.rng.index(STAKERS - 1)) % STAKERS }
            }
            72..77 => Action::Claim { who },
            77..79 => Action::Exit { who },
            79..83 => Action::Fund { by: self.rng.index(SPONSORS), amount: self.income() },
            83..85 => Action::CountIncome,
            85..88 => self.open(model),
            88..90 => Action::Drip { id: self.stream(model) },
            90..92 => {
                let id = self.stream(model);
                let owner = self.rng.chance(60);
                Action::CloseStream {
                    id,
                    by: if owner { owner_of(id) } else { self.rng.index(SPONSORS) },
                }
            }
            92..95 => Action::TakeJob { who: node, job: self.jobs },
            95..98 if self.jobs > 0 => {
                let known = model.taken_jobs.keys().copied().nth(self.rng.index(NODES));
                Action::ExpireMatch { job: known.unwrap_or_else(|| self.rng.below(self.jobs)) }
            }
            98 => Action::Donate { to: self.vault(), amount: self.rng.magnitude(1, 10 * NOS) },
            100..102 => Action::EnterDelegated { to: node },
            102..107 => Action::SetDelegation {
                who: node,
                accepting: self.rng.chance(80),
                bps: self.commission(),
            },
            107..111 => Action::OpenDelegation { who, to: node },
            111.. => self.delegate(model),
            99 if self.rng.chance(20) => Action::SetPaused { vault: self.vault(), on: true },
            _ => Action::AdvanceClock { seconds: 0 },
        }
    }

    /// Something with a delegation, most of the time one that is there.
    fn delegate(&mut self, model: &Model) -> Action {
        let filled = self.rng.chance(70);
        let known = model
            .delegations
            .iter()
            .filter(|(_, one)| !filled || one.shares > 0)
            .map(|(key, _)| *key);
        let known: Vec<_> = known.collect();
        let there = known.get(self.rng.index(known.len().max(1))).copied();
        let (who, to) = there
            .filter(|_| self.rng.chance(95))
            .unwrap_or_else(|| (self.who(), self.rng.index(NODES)));
        let by_node = self.rng.chance(30);
        match self.rng.below(24) {
            0..11 => Action::Delegate {
                who,
                to,
                amount: self.stake_amount(),
                max_bps: self.commission(),
            },
            11 => Action::Undelegate { who, to, by_node },
            12..16 => Action::WithdrawDelegated { who, to, by_node },
            16..20 => Action::ClaimDelegated { who, to },
            20 => Action::ClaimCommission { who: to },
            21 if by_node => Action::CloseDelegation { who, to, by_node: self.rng.chance(50) },
            22 => Action::OpenDelegation { who, to },
            23 if by_node => Action::UndelegateUnsettled { who, to },
            _ => Action::SyncDelegated { to },
        }
    }

    fn commission(&mut self) -> u16 {
        self.rng.pick(&[0, 1, 500, 1_000, 3_333, 9_999, 10_000, 10_000, 10_001])
    }

    fn vault(&mut self) -> Vault {
        self.rng.pick(&[Vault::Stakes, Vault::Pool])
    }

    /// A stream that is open, or one that is gone or never was.
    fn stream(&mut self, model: &Model) -> u64 {
        if model.streams.is_empty() || self.rng.chance(20) {
            return self.rng.below(self.streams + 1);
        }
        let index = self.rng.index(model.streams.len());
        model.streams.keys().copied().nth(index).expect("there are so many")
    }

    fn seconds(&mut self, model: &Model) -> u64 {
        let to_epoch = EPOCH - model.now.unsigned_abs() % EPOCH;
        match self.rng.below(12) {
            0 => 0,
            1 | 2 => self.rng.between(1, 5),
            3 => START_SECONDS + self.rng.below(3),
            4 | 5 => self.rng.between(1, EPOCH),
            6 => to_epoch,
            7 => to_epoch - 1,
            8 => to_epoch + 1,
            9 => EPOCH * self.rng.between(1, 5),
            10 => self.rng.between(1, 3 * DAY),
            _ => self.rng.magnitude(DAY, 400 * DAY),
        }
    }

    fn stake_amount(&mut self) -> u64 {
        match self.rng.below(20) {
            0 => self.rng.below(NOS),
            1 => self.rng.magnitude(INITIAL_BALANCE, u64::MAX),
            2..6 => self.rng.between(10 * NOS, 25 * NOS),
            _ => self.rng.magnitude(NOS, INITIAL_BALANCE / 4),
        }
    }

    fn duration(&mut self) -> u64 {
        match self.rng.below(20) {
            0 => self.rng.below(DURATIONS.0),
            1 => self.rng.magnitude(DURATIONS.1 + 1, u64::MAX),
            2 => DURATIONS.0,
            3 => DURATIONS.1,
            _ => self.rng.between(DURATIONS.0, DURATIONS.1),
        }
    }

    fn income(&mut self) -> u64 {
        match self.rng.below(10) {
            0 => 1,
            1 if self.rng.chance(20) => u64::MAX,
            1 => self.rng.below(3),
            2 if self.treasure => self.rng.magnitude(INITIAL_BALANCE, TREASURE / 8),
            3 => self.rng.magnitude(INITIAL_BALANCE, u64::MAX),
            _ => self.rng.magnitude(1, INITIAL_BALANCE / 8),
        }
    }

    fn open(&mut self, model: &Model) -> Action {
        let id = if self.rng.chance(90) { self.streams } else { self.stream(model) };
        let wait = match self.rng.below(10) {
            0 => -1,
            1..5 => 0,
            _ => i64::try_from(self.rng.between(1, 2 * EPOCH)).expect("small"),
        };
        let length = match self.rng.below(10) {
            0 => self.rng.below(2),
            1 => LONGEST_STREAM + self.rng.below(2),
            2..6 => self.rng.between(1, 10 * EPOCH),
            _ => self.rng.magnitude(EPOCH, LONGEST_STREAM),
        };
        Action::OpenStream {
            by: owner_of(id),
            id,
            amount: self.income(),
            wait,
            length,
            cancellable: self.rng.chance(50),
        }
    }
}
