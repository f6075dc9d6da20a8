//! What can happen, as plain values: they print as the source that replays them.
//!
//! Each module has the actions of one kind of actor: their values, how the generator draws them,
//! the instructions that they send, and the call of their rule in the model. A new instruction is
//! added in one of them, and its rule in the module of the same name in [`crate::model`].
//!
//! | module | actions |
//! | --- | --- |
//! | [`clients`] | of clients and payers |
//! | [`nodes`] | of the owners of nodes |
//! | [`disputes`], [`pursuit`] | of challengers, panelists, and those who move disputes on |
//! | [`anyone`] | that anyone may send |
//! | [`authorities`] | of admin, guardian and market authority |
//! | [`stakes`] | on stakes |
//! | [`outside`] | that the programs do not decide: time, token accounts, gifts |

mod anyone;
mod authorities;
mod clients;
mod disputes;
mod nodes;
mod outside;
mod pursuit;
mod stakes;

use nosana_tests::rng::Rng;
use solana_instruction::Instruction;

use crate::{
    fixture::Fixture,
    model::{Model, Outcome},
};

pub use self::{
    anyone::AnyoneAction,
    authorities::AuthorityAction,
    clients::ClientAction,
    disputes::{DisputeAction, commitment_of},
    nodes::NodeAction,
    outside::OutsideAction,
    pursuit::pursue_dispute,
    stakes::StakeAction,
};

/// What happens. `by` is the wallet that signs, `nth` which of an entry's places in the queue is
/// hinted at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Client(ClientAction),
    Node(NodeAction),
    Dispute(DisputeAction),
    Anyone(AnyoneAction),
    Authority(AuthorityAction),
    Stake(StakeAction),
    Outside(OutsideAction),
}

/// A kind of action: how often it is drawn, and how.
pub type Kind = (u64, fn(&mut Rng, &Model) -> Action);

/// All kinds of actions.
pub fn kinds() -> impl Iterator<Item = &'static Kind> {
    clients::KINDS
        .iter()
        .chain(nodes::KINDS)
        .chain(pursuit::KINDS)
        .chain(anyone::KINDS)
        .chain(authorities::KINDS)
        .chain(stakes::KINDS)
        .chain(outside::KINDS)
}

impl Action {
    /// Applies the action to the model, or changes nothing.
    pub fn apply(&self, model: &mut Model) -> Outcome {
        let mut next = model.clone();
        match self {
            Self::Client(action) => action.apply(&mut next),
            Self::Node(action) => action.apply(&mut next),
            Self::Dispute(action) => action.apply(&mut next),
            Self::Anyone(action) => action.apply(&mut next),
            Self::Authority(action) => action.apply(&mut next),
            Self::Stake(action) => action.apply(&mut next),
            Self::Outside(action) => action.apply(&mut next),
        }?;
        *model = next;
        Ok(())
    }

    /// Whether the model lets the action succeed.
    pub fn is_allowed(&self, model: &Model) -> bool {
        self.apply(&mut model.clone()).is_ok()
    }

    /// Returns the instructions that the action sends. None if it sends no transaction.
    pub async fn transaction(&self, fixture: &Fixture) -> Option<Vec<Instruction>> {
        Some(match self {
            Self::Client(action) => vec![action.instruction(fixture).await],
            Self::Node(action) => vec![action.instruction(fixture).await],
            Self::Dispute(action) => vec![action.instruction(fixture).await],
            Self::Anyone(action) => vec![action.instruction(fixture).await],
            Self::Authority(action) => vec![action.instruction(fixture)],
            Self::Stake(action) => vec![action.instruction(fixture)],
            Self::Outside(action) => return action.transaction(fixture).await,
        })
    }

    /// Applies an action that sends no transaction to the runtime.
    pub async fn apply_outside(&self, fixture: &Fixture) {
        if let Self::Outside(action) = self {
            action.apply_outside(fixture).await;
        }
    }

    /// The name of the action, without its kind and its values.
    pub fn name(&self) -> String {
        let text = format!("{self:?}");
        let value = text.split_once('(').map_or(text.as_str(), |(_, value)| value);
        value.split([' ', ')']).next().unwrap_or_default().to_owned()
    }
}

/// Implements `From` for the actions of a kind.
macro_rules! kind_of_action {
    ($($kind:ident($action:ident),)*) => {
        $(impl From<$action> for Action {
            fn from(action: $action) -> Self {
                Self::$kind(action)
            }
        })*
    };
}

kind_of_action! {
    Client(ClientAction),
    Node(NodeAction),
    Dispute(DisputeAction),
    Anyone(AnyoneAction),
    Authority(AuthorityAction),
    Stake(StakeAction),
    Outside(OutsideAction),
}
