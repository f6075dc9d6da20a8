use anchor_lang::prelude::*;
use bytemuck::Zeroable;
use nosana_program_common::{hash_parts, ids, stake::Stake, unix_now};
use nosana_protocol::{
    dispute::{
        seats::{score_parts, score_threshold, seat_score},
        votes::SeatState,
    },
    reputation::is_self_dealing,
    units::UnixTimestamp,
};

use crate::{
    access::check_access,
    cpi_calls,
    errors::{self, JobsError},
    events::SeatClaimed,
    state::{Dispute, Job, Market, Node, Seat},
};

/// # Specification
/// - Only the authority of a node that was enrolled before the result was submitted, whose own
///   stake still weighs as much, and that satisfies the market's gates, after the draw, in the
///   phase for it, if the node's score has been reached ([`nosana_protocol::dispute::seats`]).
/// - Not a party: neither the node of the result, nor a node of client, payer or challenger.
/// - One seat for each node. As much of its stake is locked as the disputed job locked.
#[derive(Accounts)]
pub struct ClaimSeat {
    #[account(address = node.authority @ JobsError::NotNodeAuthority)]
    pub authority: Signer,
    pub node: Account<Node>,
    #[account(mut)]
    pub dispute: Account<Dispute>,
    #[account(address = dispute.job @ JobsError::WrongAccount)]
    pub job: Account<Job>,
    #[account(address = dispute.market @ JobsError::WrongMarket)]
    pub market: Account<Market>,
    #[account(mut, address = node.stake @ JobsError::WrongAccount)]
    pub stake: Account<Stake>,
    /// CHECK: this program's signer.
    #[account(address = ids::JOBS_AUTHORITY)]
    pub jobs_authority: UncheckedAccount,
    /// CHECK: the staking program.
    #[account(address = ids::STAKING)]
    pub staking_program: UncheckedAccount,
    /// A token account of the node's authority, if the job has an access collection.
    /// CHECK: checked by `check_access`.
    pub access_token: Option<UncheckedAccount>,
    /// The metadata of that token, if the job has an access collection.
    /// CHECK: checked by `check_access`.
    pub access_metadata: Option<UncheckedAccount>,
}

pub fn process_claim_seat(ctx: &mut Context<ClaimSeat>) -> Result<()> {
    let now = unix_now()?;
    let accounts = &mut ctx.accounts;
    let progress = accounts.dispute.progress_at(now)?;
    let progress = progress
        .take_seat(UnixTimestamp(now), accounts.dispute.phase_length())
        .map_err(errors::phase_error)?;
    accounts.check_parties()?;
    accounts.check_turn(now)?;
    accounts.check_means(now)?;

    let node = *accounts.node.address();
    let dispute = &mut accounts.dispute;
    let mut seats = dispute.seats.iter_mut();
    let seat = seats.find(|seat| seat.state == SeatState::Empty as u8);
    *seat.ok_or(JobsError::InvariantViolated)? =
        Seat { node, state: SeatState::Claimed as u8, ..Seat::zeroed() };
    dispute.store_progress(&progress);

    let event = SeatClaimed {
        dispute: *dispute.address(),
        node,
        seats_taken: dispute.seats_taken.into(),
        ends_at: dispute.ends_at,
    };
    cpi_calls::change_lock(
        cpi_calls::LOCK,
        accounts.jobs_authority.cpi_handle(),
        accounts.stake.cpi_handle_mut(),
        accounts.dispute.collateral,
    );

    emit!(event);
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

    /// Fails unless the panel is drawn and the node's turn has come.
    fn check_turn(&self, now: i64) -> Result<()> {
        let Self { node, dispute, job, .. } = self;
        let was_enrolled = node.panel_weight > 0 && node.panel_since < job.submitted_at;
        require!(was_enrolled, JobsError::NotEnrolled);
        require!(dispute.drawn_at != 0, JobsError::TooEarly);

        let digest = hash_parts(&score_parts(&dispute.seed, node.address().as_array()));
        let score = seat_score(&digest, node.panel_weight).map_err(errors::overflow_error)?;
        let elapsed = UnixTimestamp(now).seconds_since(UnixTimestamp(dispute.drawn_at));
        let threshold = score_threshold(elapsed).map_err(errors::overflow_error)?;
        require!(score <= threshold, JobsError::NotYetEligible);
        Ok(())
    }

    /// Fails unless the node still has its weight and satisfies the market's gates.
    fn check_means(&self, now: i64) -> Result<()> {
        let Self { node, job, market, stake, .. } = self;
        require!(stake.xnos >= node.panel_weight, JobsError::StakeTooSmall);
        node.check_gates(&market.terms, stake.backing_xnos(), now)?;
        check_access(
            &job.access_collection,
            &node.authority,
            &self.access_token,
            &self.access_metadata,
        )
    }
}
