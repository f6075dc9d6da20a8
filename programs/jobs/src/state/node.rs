use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};

use crate::{constants::NODE_SLOTS, errors::JobsError};

/// What a slot of a node is used for.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum SlotState {
    /// Nothing.
    Free = 0,
    /// Waits in a market's queue, or was met there by a job that names this node.
    Waiting = 1,
    /// Took a waiting job, and has not started it.
    Offered = 2,
    /// Runs a job.
    Running = 3,
}

/// One job's place on a node.
#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable, IdlType)]
pub struct Slot {
    /// The market it waits or works in.
    pub market: Address,
    /// The job it took or runs; zero while it waits.
    pub job: Address,
    /// Since when, in unix seconds.
    pub since: i64,
    /// Base units of the stake that are locked for it.
    pub collateral: u64,
    /// See [`SlotState`].
    pub state: u8,
    /// Keeps the layout free of padding.
    pub padding: [u8; 7],
}

/// A node: hardware that someone sells. Seeds: `["node", authority]`.
#[account]
pub struct Node {
    /// Who works with it.
    pub authority: Address,
    /// The token account that is paid.
    pub payout: Address,
    /// The stake that backs it: `["stake", authority]` of the staking program.
    pub stake: Address,
    /// Digest of the measured hardware.
    pub hardware: [u8; 32],
    /// Jobs completed.
    pub jobs_completed: u64,
    /// Jobs given back or lost.
    pub jobs_failed: u64,
    /// Base units earned.
    pub earned: u64,
    /// GPU memory in MiB.
    pub vram_mib: u32,
    /// Slots that it may use.
    pub capacity: u8,
    /// Not zero while it takes no new jobs. Reserved.
    pub draining: u8,
    /// Layout version.
    pub version: u8,
    /// Bump of this address.
    pub bump: u8,
    /// Its jobs.
    pub slots: [Slot; NODE_SLOTS],
    /// For later fields: reputation, among others.
    pub reserved: [u8; 128],
}

const _: () = assert!(core::mem::size_of::<Slot>() == 88);
const _: () = assert!(core::mem::size_of::<Node>() == 992);

impl Node {
    /// The first slot that is free.
    pub fn free_slot(&mut self) -> Result<&mut Slot> {
        let capacity = usize::from(self.capacity);
        let mut slots = self.slots.iter_mut().take(capacity);
        Ok(slots.find(|slot| slot.state == SlotState::Free as u8).ok_or(JobsError::NoFreeSlot)?)
    }

    /// A slot that waits in `market`.
    pub fn waiting_in(&mut self, market: &Address) -> Result<&mut Slot> {
        let mut slots = self.slots.iter_mut();
        let found = slots.find(|slot| slot.state == SlotState::Waiting as u8 && slot.market == *market);
        Ok(found.ok_or(JobsError::NoSuchSlot)?)
    }

    /// The slot in `state` that holds `job`.
    pub fn holding(&mut self, job: &Address, state: SlotState) -> Result<&mut Slot> {
        let mut slots = self.slots.iter_mut();
        Ok(slots.find(|slot| slot.state == state as u8 && slot.job == *job).ok_or(JobsError::NoSuchSlot)?)
    }
}

impl Slot {
    /// Frees the slot; returns the collateral that is now to be released or slashed.
    pub fn free(&mut self) -> u64 {
        let collateral = self.collateral;
        *self = Self::zeroed();
        collateral
    }
}
