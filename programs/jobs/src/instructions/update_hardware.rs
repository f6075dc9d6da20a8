use anchor_lang::prelude::*;
use nosana_program_common::unix_now;

use crate::{
    constants::NODE_SLOTS,
    errors::JobsError,
    state::{Hardware, Node},
};

/// The accounts of instructions by which a node's authority changes only the node:
/// `update_hardware`, `set_draining`, `set_endpoint`.
#[derive(Accounts)]
pub struct ByNodeAuthority {
    #[account(address = node.authority @ JobsError::NotNodeAuthority)]
    pub authority: Signer,
    #[account(mut)]
    pub node: Account<Node>,
}

/// # Specification
/// - Only the node's authority; only while no slot is in use, so that no job runs on other hardware
///   than it was promised; between one and sixteen slots; the digest is not zero.
pub fn process_update_hardware(
    ctx: &mut Context<ByNodeAuthority>,
    hardware: &Hardware,
) -> Result<()> {
    let node = &mut ctx.accounts.node;
    require!(node.is_idle(unix_now()?), JobsError::NodeInUse);

    node.set_hardware(hardware)?;

    let address = *node.address();
    node.emit_updated(&address);
    Ok(())
}

impl Node {
    /// Sets the hardware that the node reports. Fails unless it lies in its bounds.
    pub fn set_hardware(&mut self, hardware: &Hardware) -> Result<()> {
        require!(
            (1..=NODE_SLOTS).contains(&usize::from(hardware.capacity)),
            JobsError::CapacityOutOfRange
        );
        require!(hardware.digest != [0; 32], JobsError::EmptyDigest);

        self.hardware = hardware.digest;
        self.vram_mib = hardware.vram_mib;
        self.prompt_tokens_per_second = hardware.prompt_tokens_per_second;
        self.capacity = hardware.capacity;
        self.capabilities = hardware.capabilities;
        self.memory_mib = hardware.memory_mib;
        Ok(())
    }
}
