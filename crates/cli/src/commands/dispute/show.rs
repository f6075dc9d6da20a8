//! `nosana dispute show`: one dispute.

use anyhow::Result;

use super::{
    describe::{dispute_to_json, phase_text, progress_at, seat_text},
    options::DisputeOptions,
};
use crate::commands::{
    dates::format_time,
    values::{format_nos, print_json},
};

/// Fees of a panelist in a bond.
const BOND_FEES: u128 = nosana_protocol::dispute::terms::BOND_FEES as u128;

/// Shows a dispute.
pub async fn show_dispute(options: DisputeOptions) -> Result<()> {
    let ctx = options.connection.connect().await?;
    let (address, dispute) = options.fetch(&ctx).await?;
    let progress = progress_at(&dispute, ctx.chain_time().await?)?;

    if options.connection.is_json() {
        return print_json(&dispute_to_json(&address, &dispute, &progress));
    }
    let mut lines = vec![
        ("dispute", address.to_string()),
        ("job", dispute.job.to_string()),
        ("node", dispute.node.to_string()),
        ("challenger", dispute.challenger.to_string()),
        ("challenged", format_time(dispute.challenged_at)),
        ("state", phase_text(&dispute, &progress)),
        ("panel fee", format_nos(dispute.panel_fee)),
        ("bond", format_nos(u128::from(dispute.panel_fee) * BOND_FEES)),
        ("collateral", format_nos(dispute.collateral)),
    ];
    for (_, seat) in dispute.taken_seats() {
        lines.push(("panelist", format!("{} {}", seat.node, seat_text(seat))));
    }
    for (name, value) in lines {
        println!("{name:<12} {value}");
    }
    Ok(())
}
