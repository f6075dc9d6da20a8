//! Logs events.

use anchor_lang::{Discriminator, bytemuck, sol_log_data};
use bytemuck::{Pod, Zeroable};

/// What the log holds of an event: its discriminator, and its fields.
#[repr(C, packed)]
#[derive(Clone, Copy, Pod, Zeroable)]
struct LoggedEvent<E> {
    discriminator: [u8; 8],
    event: E,
}

/// Logs `event`, with the same bytes as Anchor's `emit!`.
///
/// `emit!` fills a buffer on the heap first, which makes the jobs program 10 KB larger and costs up
/// to 20 compute units.
#[inline(always)]
pub fn log_event<E: Discriminator + Pod>(event: E) {
    let discriminator = E::DISCRIMINATOR.first_chunk().copied().unwrap_or_default();
    sol_log_data(&[bytemuck::bytes_of(&LoggedEvent { discriminator, event })]);
}
