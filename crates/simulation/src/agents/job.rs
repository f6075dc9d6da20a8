//! One job, from its result to the payments.

use fastrand::Rng;
use nosana_protocol::dispute::{PANEL_SEATS, payment::Payments, votes::Verdict};

use super::{
    kinds::{Costs, Kind, MIX},
    ledger::Ledger,
};
use crate::{
    coalition::{Deed, Trace},
    fault::Fault,
    hearing::{Ballot, hold_hearing},
    listing::Listing,
    population::Population,
    sketches::{SHARED, guess_sketch},
};

/// A seat: who has it, and what it does.
#[derive(Clone, Copy)]
struct Seat {
    kind: Option<Kind>,
    ballot: Ballot,
}

/// Who disputes a result.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Challenger {
    Client,
    Fisherman,
}

/// A job that has a result.
struct Played {
    costs: Costs,
    node: Kind,
    client: Kind,
    deed: Deed,
    /// What the client has by the result and has spent on a check.
    client_value: f64,
    is_fished: bool,
}

/// Plays a job with these costs, and adds the profits of all who take part.
pub fn play_job(
    listing: &Listing,
    costs: Costs,
    population: &Population,
    rng: &mut Rng,
    ledger: &mut Ledger,
) -> Result<(), Fault> {
    let node = Kind::draw(&MIX.nodes, rng);
    let client = Kind::draw(&MIX.clients, rng);
    let deed = node.work();
    let checks = client == Kind::HonestClient && rng.f64() < listing.check_rate;
    let is_fished = rng.f64() < MIX.fished;

    let challenger = if client == Kind::GriefingClient || (checks && !deed.is_right) {
        Some(Challenger::Client)
    } else {
        (is_fished && !deed.is_right).then_some(Challenger::Fisherman)
    };
    let value = if deed.is_right { costs.value } else { 0.0 };
    let client_value = if checks { value - costs.check } else { value };
    let played = Played { costs, node, client, deed, client_value, is_fished };
    match challenger {
        None => played.pay_undisputed(listing, ledger),
        Some(challenger) => {
            let seats = seat_panel(population, node, deed, rng)?;
            played.pay_disputed(listing, challenger, &seats, ledger)?;
        }
    }

    Ok(())
}

impl Played {
    fn pay_undisputed(&self, listing: &Listing, ledger: &mut Ledger) {
        let split = listing.stakes.undisputed;
        let paid = [split.node.0 as f64, split.client.0 as f64, 0.0];
        self.add_profits(listing, paid, Challenger::Client, ledger);
    }

    fn pay_disputed(
        &self,
        listing: &Listing,
        challenger: Challenger,
        seats: &[Seat; PANEL_SEATS],
        ledger: &mut Ledger,
    ) -> Result<(), Fault> {
        let ballots = seats.map(|seat| seat.ballot);
        let trace = Some(self.deed.trace.sketch());
        let hearing = hold_hearing(&ballots, trace, listing.terms.phase)?;
        let payments = listing.stakes.pay_judgment(&hearing.judgment)?;

        let node = payments.node.0 as f64 - payments.slash.0 as f64;
        let won = payments.challenger.0 as f64 - listing.bond.0 as f64;
        self.add_profits(listing, [node, payments.client.0 as f64, won], challenger, ledger);
        pay_panel(listing, self.costs, seats, &payments, ledger);

        Ok(())
    }

    /// Adds the profits of node, client and fisherman, from what node, client and challenger are
    /// paid.
    fn add_profits(
        &self,
        listing: &Listing,
        paid: [f64; 3],
        challenger: Challenger,
        ledger: &mut Ledger,
    ) {
        let escrow = listing.part_of_price(listing.stakes.escrow.0 as f64);
        let [node, client, won] = paid.map(|amount| listing.part_of_price(amount));
        let (by_client, by_fisherman) = match challenger {
            Challenger::Client => (won, 0.0),
            Challenger::Fisherman => (0.0, won),
        };

        ledger.add_profit(self.node, node - self.node.cost(&self.costs));
        ledger.add_profit(self.client, self.client_value + client - escrow + by_client);
        if self.is_fished {
            ledger.add_profit(Kind::Fisherman, by_fisherman - self.costs.check);
        }
    }
}

/// Draws a panel, and lets it vote.
fn seat_panel(
    population: &Population,
    node: Kind,
    deed: Deed,
    rng: &mut Rng,
) -> Result<[Seat; PANEL_SEATS], Fault> {
    let panel = population.draw_panel(rng)?;
    let helps_friend = panel.colluding >= 2 && node != Kind::HonestNode;

    let seat_at = |seat| {
        let kind = match seat {
            seat if seat < panel.honest => Kind::draw(&MIX.panelists, rng),
            seat if seat < panel.honest + panel.colluding => Kind::ColludingPanelist,
            _ => return Seat { kind: None, ballot: Ballot::Vacant },
        };
        let ballot = match kind {
            Kind::LazyPanelist => Ballot::Cast(Verdict::Right, guess_sketch(seat)),
            Kind::AbsentPanelist => Ballot::Silent,
            Kind::ColludingPanelist if helps_friend => Ballot::Cast(Verdict::Right, SHARED),
            _ => deed.honest_ballot(seat),
        };
        Seat { kind: Some(kind), ballot }
    };
    let numbers: [usize; PANEL_SEATS] = std::array::from_fn(|seat| seat);

    Ok(numbers.map(seat_at))
}

/// Adds the profits of the panelists. Each closes its own seat.
fn pay_panel(
    listing: &Listing,
    costs: Costs,
    seats: &[Seat; PANEL_SEATS],
    payments: &Payments,
    ledger: &mut Ledger,
) {
    let amounts = payments.panel.iter().zip(payments.losses).zip(payments.rewards);
    for (seat, ((fee, loss), reward)) in seats.iter().zip(amounts) {
        let Some(kind) = seat.kind else { continue };
        let paid = fee.0 as f64 + reward.0 as f64 - loss.0 as f64;
        let works = !matches!(seat.ballot, Ballot::Silent | Ballot::Cast(_, SHARED))
            && kind != Kind::LazyPanelist;
        let cost = if works { costs.seat } else { 0.0 };
        ledger.add_profit(kind, listing.part_of_price(paid) - cost);
    }
}

impl Kind {
    /// Returns what a node does with a job.
    const fn work(self) -> Deed {
        match self {
            Self::LazyNode | Self::CheatingNode => Deed { is_right: false, trace: Trace::Shared },
            Self::CopyingNode => Deed { is_right: true, trace: Trace::Shared },
            _ => Deed { is_right: true, trace: Trace::Work },
        }
    }

    /// Returns what a job costs a node.
    const fn cost(self, costs: &Costs) -> f64 {
        match self {
            Self::HonestNode => costs.work,
            Self::CheatingNode => costs.smaller,
            _ => 0.0,
        }
    }
}
