//! Instructions that move disputes on, with the accounts that they need.

use solana_address::Address;
use solana_instruction::Instruction;

use super::Session;
use crate::{
    actions,
    disputes::DisputeStep,
    error::ClientError,
    jobs::accounts::{Dispute, Job, Node},
};

impl DisputeStep {
    /// The name of the instruction.
    pub const fn instruction_name(self) -> &'static str {
        match self {
            Self::DrawPanel => "draw_panel",
            Self::Resolve => "resolve",
            Self::CloseSeat(_) => "close_seat",
            Self::Close => "close_dispute",
        }
    }
}

impl Session {
    /// Returns the instruction of a step, after reading the accounts that it names; `None` if one
    /// of them is gone. `reporter_token` gets the reporter's part of what a panelist loses, and the
    /// rest is burnt, from the supply of `nos_mint`.
    ///
    /// # Errors
    /// If the node cannot be read.
    pub async fn build_dispute_step(
        &self,
        address: Address,
        dispute: &Dispute,
        step: DisputeStep,
        nos_mint: Address,
        reporter_token: Address,
    ) -> Result<Option<Instruction>, ClientError> {
        Ok(match step {
            DisputeStep::DrawPanel => Some(actions::draw_panel(address).into()),
            DisputeStep::Resolve => {
                let job = self.find_account::<Job>(&dispute.job).await?;
                let node = self.find_account::<Node>(&dispute.node).await?;
                job.zip(node).map(|(job, node)| {
                    actions::resolve(address, dispute, &job, &node, nos_mint).into()
                })
            }
            DisputeStep::CloseSeat(index) => {
                let mut seats = dispute.taken_seats();
                let Some((_, seat)) = seats.find(|(taken, _)| *taken == index) else {
                    return Ok(None);
                };
                let node = self.find_account::<Node>(&seat.node).await?;
                node.map(|node| {
                    let (of, token) = (seat.node, reporter_token);
                    actions::close_seat(address, dispute, index, of, &node, nos_mint, token).into()
                })
            }
            DisputeStep::Close => Some(actions::close_dispute(address, dispute).into()),
        })
    }
}
