use anchor_lang::prelude::*;

use crate::errors::JobsError;

/// The weight of all nodes that are enrolled for panels. Seeds: `["panelists"]`.
#[account]
pub struct Panelists {
    /// The sum of the `panel_weight` of all nodes, in xNOS.
    pub weight: u64,
    /// Layout version.
    pub version: u8,
    /// Bump of this address.
    pub bump: u8,
    /// Keeps the layout free of padding.
    pub padding: [u8; 6],
    /// For later fields.
    pub reserved: [u8; 48],
}

const _: () = assert!(core::mem::size_of::<Panelists>() == 64);

impl Panelists {
    /// Replaces the weight of one node.
    pub fn replace_weight(&mut self, before: u64, after: u64) -> Result<()> {
        let others = self.weight.checked_sub(before).ok_or(JobsError::InvariantViolated)?;
        self.weight = others.checked_add(after).ok_or(JobsError::Overflow)?;
        Ok(())
    }
}
