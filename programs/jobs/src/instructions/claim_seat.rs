use anchor_lang::prelude::*;
use bytemuck::Zeroable;
use nosana_program_common::{event::log_event, hash_parts, ids, stake::Stake, unix_now};
use nosana_protocol::{
    dispute::{
        seats::{find_seat, is_candidate, score_parts, score_threshold, seat_score},
        votes::SeatState,
    },
    reputation::is_self_dealing,
    units::UnixTimestamp,
};

use crate::{
    cpi_calls,
    errors::{self, JobsError},
    events::SeatClaimed,
    state::{Dispute, Job, Node, Seat},
};

/// # Specification
/// - Only the authority of a node that was enrolled before the result was submitted, whose own
///   stake still weighs as much, and that passes the gates with which the job was listed, after the
///   draw, in the phase for it, if the node is a candidate and its score has been reached
///   ([`nosana_protocol::dispute::seats`]).
/// - Not the gate of the access collection: its authority could otherwise choose, after the
///   challenge, who judges, by unverifying the tokens of all nodes but its own.
/// - Not a party: neither the node of the result, nor a node of client, payer or challenger.
/// - One seat for each node. It holds as much collateral as the job requires of a node at least:
///   what the node has kept counts first, and the rest is locked in its stake.
/// - If no seat is free, the node takes that of the highest score, if its own is lower:
///   `displaced_node` is the node of that seat, which keeps its collateral.
#[derive(Accounts)]
pub struct ClaimSeat {
    #[account(address = node.authority @ JobsError::NotNodeAuthority)]
    pub authority: Signer,
    #[account(mut)]
    pub node: Account<Node>,
    #[account(mut)]
    pub dispute: Account<Dispute>,
    #[account(address = dispute.job @ JobsError::WrongAccount)]
    pub job: Account<Job>,
    #[account(mut, address = node.stake @ JobsError::WrongAccount)]
    pub stake: Account<Stake>,
    /// The node of the seat with the highest score, if no seat is free.
    #[account(mut)]
    pub displaced_node: Option<Account<Node>>,
    /// CHECK: this program's signer.
    #[account(address = ids::JOBS_AUTHORITY)]
    pub jobs_authority: UncheckedAccount,
    /// CHECK: the staking program.
    #[account(address = ids::STAKING)]
    pub staking_program: UncheckedAccount,
}

pub fn process_claim_seat(ctx: &mut Context<ClaimSeat>) -> Result<()> {
    let now = unix_now()?;
    let accounts = &mut ctx.accounts;
    let progress = accounts.dispute.progress_at(now)?;
    let progress = progress.take_seat().map_err(errors::phase_error)?;
    accounts.check_parties()?;
    let score = accounts.check_turn(now)?;
    accounts.check_means(now)?;

    let taken = accounts.dispute.seats.each_ref().map(Seat::held_score);
    let place = find_seat(&taken, score).ok_or(JobsError::SeatsTaken)?;
    let displaced = accounts.fill_seat(place, score)?;
    accounts.dispute.store_progress(&progress);

    let event = SeatClaimed {
        dispute: *accounts.dispute.address(),
        node: *accounts.node.address(),
        displaced: displaced.node,
        score,
        seats_taken: accounts.dispute.seats_taken.into(),
        ends_at: accounts.dispute.ends_at,
    };
    accounts.move_collateral(&displaced)?;

    log_event(event);
    Ok(())
}

impl ClaimSeat {
    /// Fails if the node is a party of the job or of the dispute, or has a seat.
    fn check_parties(&self) -> Result<()> {
        let Self { node, dispute, job, .. } = self;
        let is_challengers =
            node.authority == dispute.challenger || node.payout == dispute.challenger_token;
        let is_clients = is_self_dealing(
            &node.authority,
            &node.payout,
            &job.client,
            &job.payer,
            &job.payer_token,
        );
        let is_party = *node.address() == dispute.node || is_challengers || is_clients;
        require!(!is_party, JobsError::PartyToDispute);

        let is_seated = dispute.seats.iter().any(|seat| seat.node == *node.address());
        require!(!is_seated, JobsError::AlreadySeated);
        Ok(())
    }

    /// Returns the node's score. Fails unless the panel is drawn, the node is a candidate and its
    /// turn has come.
    fn check_turn(&self, now: i64) -> Result<u64> {
        let Self { node, dispute, job, .. } = self;
        let was_enrolled = node.panel_weight > 0 && node.panel_since < job.submitted_at;
        require!(was_enrolled, JobsError::NotEnrolled);
        require!(dispute.drawn_at != 0, JobsError::TooEarly);

        let digest = hash_parts(&score_parts(&dispute.seed, node.address().as_array()));
        let score = seat_score(&digest, node.panel_weight).map_err(errors::overflow_error)?;
        require!(is_candidate(score, dispute.panel_weight), JobsError::NotCandidate);
        let elapsed = UnixTimestamp(now).seconds_since(UnixTimestamp(dispute.drawn_at));
        let threshold = score_threshold(elapsed).map_err(errors::overflow_error)?;
        require!(score <= threshold, JobsError::NotYetEligible);
        Ok(score)
    }

    /// Fails unless the node still has its weight and passes those of the job's gates that its own
    /// account and stake decide.
    fn check_means(&self, now: i64) -> Result<()> {
        let Self { node, job, stake, .. } = self;
        require!(stake.xnos >= node.panel_weight, JobsError::StakeTooSmall);
        node.check_gates(&job.node_gates(), stake.backing_xnos(), now)
    }

    /// Seats the node in this place; returns the seat as it was.
    fn fill_seat(&mut self, place: usize, score: u64) -> Result<Seat> {
        let claimed = Seat {
            node: *self.node.address(),
            score,
            state: SeatState::Claimed as u8,
            ..Seat::zeroed()
        };
        let seat = self.dispute.seats.get_mut(place).ok_or(JobsError::InvariantViolated)?;
        Ok(core::mem::replace(seat, claimed))
    }

    /// Uses the node's collateral, and returns that of the node that lost the seat, if any.
    fn move_collateral(&mut self, displaced: &Seat) -> Result<()> {
        let collateral = self.dispute.collateral;
        if displaced.state != SeatState::Empty as u8 {
            let node = self.displaced_node.as_mut().ok_or(JobsError::NotHighestSeat)?;
            require!(*node.address() == displaced.node, JobsError::NotHighestSeat);
            node.keep_collateral(collateral)?;
        }

        let missing = self.node.use_collateral(collateral, &self.stake)?;
        cpi_calls::change_lock(
            cpi_calls::LOCK,
            self.jobs_authority.cpi_handle(),
            self.stake.cpi_handle_mut(),
            missing,
        );
        Ok(())
    }
}
