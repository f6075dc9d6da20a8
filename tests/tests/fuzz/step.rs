//! A step of a sequence: an action, and what is tampered with.

use nosana_client::jobs;
use nosana_tests::Failure;
use solana_instruction::Instruction;

use crate::{
    actions::{Action, AuthorityAction},
    actors,
    fixture::Fixture,
    tampering::Tampering,
};

/// An action, and what is wrong with the transaction that does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    pub action: Action,
    pub tampering: Tampering,
}

/// What a step sent, and the result.
pub struct Applied {
    pub transaction: Vec<Instruction>,
    pub result: Result<(), Failure>,
}

impl Step {
    /// An action whose transaction is not tampered with.
    pub fn honest(action: impl Into<Action>) -> Self {
        Self { action: action.into(), tampering: Tampering::None }
    }

    /// Applies the step to the runtime. Returns none if there is nothing to tamper with in it.
    pub async fn apply(&self, fixture: &Fixture) -> Option<Applied> {
        let is_honest = self.tampering == Tampering::None;
        let Some(mut transaction) = self.action.transaction(fixture).await else {
            if !is_honest {
                return None;
            }
            self.action.apply_outside(fixture).await;
            return Some(Applied { transaction: Vec::new(), result: Ok(()) });
        };
        if !is_honest {
            let [instruction] = &mut transaction[..] else { return None };
            if instruction.program_id != jobs::ID || !fixture.tamper(instruction, self.tampering) {
                return None;
            }
        }

        let result = fixture.send(&transaction).await;
        let opened = AuthorityAction::opened_market(&self.action).filter(|_| result.is_ok());
        if let Some(market) = opened {
            fixture.shrink_queue(actors::market(market)).await;
        }
        Some(Applied { transaction, result })
    }
}

/// Formats the steps as the source that replays them.
pub fn format_steps(steps: &[Step]) -> String {
    let lines: Vec<String> = steps.iter().map(|step| format!("    {step:?},")).collect();
    format!("&[\n{}\n]", lines.join("\n"))
}
