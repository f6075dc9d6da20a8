use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use nosana_protocol::{
    clocks::{Clocks, remembered_refusals},
    slot::SlotState,
    units::UnixTimestamp,
};

use crate::errors;

/// The place for one job on a node.
#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable, IdlType)]
pub struct Slot {
    /// The market in which the slot waits, works or rests.
    pub market: Address,
    /// The job that the slot took or runs; zero while it waits.
    pub job: Address,
    /// Unix timestamp since when the slot is in its state; for a resting slot, until when it rests.
    pub since: i64,
    /// Unix timestamp of the `work` that took the slot.
    pub taken_at: i64,
    /// Base units of the stake that are locked for the slot.
    pub collateral: u64,
    /// Base units of the collateral that are lost if the node does not start the job: the market's
    /// term when the slot was taken.
    pub no_start_penalty: u64,
    /// State of the slot: 0 free, 1 waiting, 2 claimed, 3 running, 4 resting.
    pub state: u8,
    /// Jobs that the slot took and gave back, or did not start in time, and that are remembered.
    pub refusals: u8,
    /// Keeps the layout free of padding.
    pub padding: [u8; 2],
    /// Revision of the market's terms when the slot was taken.
    pub terms_revision: u32,
    /// Unix timestamp until which these jobs are remembered: at least eight start clocks after each
    /// of them. Zero if there was none.
    pub remembered_until: i64,
}

const _: () = assert!(core::mem::size_of::<Slot>() == 112);

impl Slot {
    /// Returns true if the slot may be used at `now`: it is free, or its rest is over.
    pub const fn is_free(&self, now: i64) -> bool {
        self.state == SlotState::Free as u8
            || (self.state == SlotState::Resting as u8 && now > self.since)
    }

    /// Frees the slot; returns its collateral, which the node keeps or loses. Its refusals stay.
    #[must_use]
    pub fn set_free(&mut self) -> u64 {
        let collateral = self.collateral;
        *self = Self {
            refusals: self.refusals,
            remembered_until: self.remembered_until,
            ..Self::zeroed()
        };
        collateral
    }

    /// Lets the slot rest after the node gave back a job that was matched with it at `matched_at`;
    /// returns its collateral, which the node keeps. The node did not choose that job, so it does
    /// not make the next rests longer: others could list jobs that the node cannot run.
    pub fn set_resting_matched(
        &mut self,
        clocks: &Clocks,
        matched_at: i64,
        now: i64,
    ) -> Result<u64> {
        let until = clocks
            .rest_after_refusal(UnixTimestamp(matched_at), UnixTimestamp(now), 0)
            .map_err(errors::overflow_error)?;
        Ok(self.set_resting(until.0))
    }

    /// Lets the slot rest after it took a job at `matched_at` and gave it back, or did not start a
    /// job in time; returns its collateral, which the node keeps or loses.
    pub fn set_resting_unstarted(
        &mut self,
        clocks: &Clocks,
        matched_at: i64,
        now: i64,
    ) -> Result<u64> {
        let remembered_until = UnixTimestamp(self.remembered_until);
        let refusals = remembered_refusals(self.refusals, remembered_until, UnixTimestamp(now));
        let until = clocks
            .rest_after_refusal(UnixTimestamp(matched_at), UnixTimestamp(now), refusals)
            .map_err(errors::overflow_error)?;

        self.refusals = refusals.saturating_add(1);
        self.remembered_until = clocks
            .remember_refusal(remembered_until, UnixTimestamp(now))
            .map_err(errors::overflow_error)?
            .0;
        Ok(self.set_resting(until.0))
    }

    /// Lets the slot rest after a run that ended without a result; returns its collateral, which the
    /// node keeps.
    pub fn set_resting_stopped(&mut self, clocks: &Clocks, now: i64) -> Result<u64> {
        let until = clocks.rest_after_quit(UnixTimestamp(now)).map_err(errors::overflow_error)?;
        Ok(self.set_resting(until.0))
    }

    /// Lets the slot rest up to and including `until`; returns its collateral, which the node keeps
    /// or loses.
    #[must_use]
    pub fn set_resting(&mut self, until: i64) -> u64 {
        let market = self.market;
        let collateral = self.set_free();
        self.market = market;
        self.state = SlotState::Resting as u8;
        self.since = until;
        collateral
    }
}
