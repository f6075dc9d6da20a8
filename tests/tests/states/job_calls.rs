//! The instructions that act on a job.

use nosana_client::{actions, jobs, pda};
use nosana_protocol::job::Action;
use nosana_tests::terms::RESULT;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{job_fixture::JobFixture, signed::SignedCall};

/// The instructions that act on a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    Cancel,
    Extend,
    TopUp,
    Stop,
    Accept,
    Reject,
    Start,
    Heartbeat,
    Finish,
    Quit,
    ExpireQueued,
    ExpireMatch,
    ExpireRun,
    Settle,
    Collect,
    ForfeitCredit,
    Clean,
    Challenge,
    Resolve,
}

impl Call {
    /// Returns the instruction, signed by a wallet that may send it.
    pub fn sign(self, fixture: &JobFixture) -> SignedCall<'_> {
        let JobFixture { ref world, job, ref stored, cell, .. } = *fixture;
        let client = world.client.pubkey();
        let node = world.node.pubkey();
        let payer = world.staker.pubkey();
        let stranger = world.stranger.pubkey();
        let (instruction, signers): (Instruction, Vec<&Keypair>) = match self {
            Self::Cancel => (actions::cancel(job, stored, cell).into(), vec![&world.client]),
            Self::Extend => {
                let extend = actions::extend(job, stored, client, world.mint, 60);
                (extend.into(), vec![&world.client])
            }
            Self::TopUp => {
                let top_up = actions::top_up(stranger, job, stored, world.mint, 1_000);
                (top_up.into(), vec![&world.stranger])
            }
            Self::Stop => (actions::stop(client, job, stored, node).into(), vec![&world.client]),
            Self::Accept => {
                (actions::accept(client, job, stored, node).into(), vec![&world.client])
            }
            Self::Reject => {
                (actions::reject(client, job, stored, node, false).into(), vec![&world.client])
            }
            Self::Start => (actions::start(node, job, stored).into(), vec![&world.node]),
            Self::Heartbeat => {
                let heartbeat = actions::heartbeat(node, job, stored.attempt_id, [0; 32], 0);
                (heartbeat.into(), vec![&world.node])
            }
            Self::Finish => {
                let finish = actions::finish(node, job, stored, node, RESULT, actions::NO_TRACE);
                (finish.into(), vec![&world.node])
            }
            Self::Quit => {
                let quit = actions::quit(node, job, stored, node, 1, actions::NO_DETAIL);
                (quit.into(), vec![&world.node])
            }
            Self::ExpireQueued => (actions::expire_queued(job, stored, cell).into(), vec![]),
            Self::ExpireMatch => (
                actions::expire_match(job, stored, node, world.mint, world.nonexistent_account())
                    .into(),
                vec![],
            ),
            Self::ExpireRun => {
                let expire = actions::expire_run(stranger, job, stored, node);
                (expire.into(), vec![&world.stranger])
            }
            Self::Settle => {
                (actions::settle(stranger, job, stored, node).into(), vec![&world.stranger])
            }
            Self::Collect => {
                let collect = jobs::instructions::Collect {
                    node: Some(pda::jobs::node(&node)),
                    ..actions::collect(payer, job, stored, world.token_account(&client))
                };
                (collect.into(), vec![&world.staker])
            }
            Self::ForfeitCredit => (actions::forfeit_credit(job, stored).into(), vec![]),
            Self::Clean => (actions::clean(job, stored).into(), vec![]),
            Self::Challenge => {
                let challenge = jobs::instructions::Challenge {
                    node: pda::jobs::node(&node),
                    ..actions::challenge(stranger, job, stored, world.mint)
                };
                (challenge.into(), vec![&world.stranger])
            }
            Self::Resolve => (resolve_instruction(fixture).into(), vec![]),
        };

        SignedCall { name: format!("{self:?}"), instruction, signers }
    }

    /// Returns what the call may do to a job's state. Those that leave it alone do nothing.
    pub const fn actions(self) -> &'static [Action] {
        match self {
            Self::Cancel => &[Action::Cancel, Action::RequestCancel],
            Self::Extend | Self::TopUp => &[Action::Extend],
            Self::Stop => &[Action::Stop],
            Self::Start => &[Action::Start],
            Self::Heartbeat => &[Action::Heartbeat],
            Self::Finish => &[Action::Finish],
            Self::Quit | Self::ExpireMatch | Self::ExpireRun => &[Action::Requeue, Action::Settle],
            Self::ExpireQueued | Self::Settle | Self::Accept => &[Action::Settle],
            Self::Reject => &[Action::Settle, Action::RequestRejection],
            Self::Challenge => &[Action::Challenge],
            Self::Resolve => &[Action::Resolve],
            Self::Collect | Self::ForfeitCredit | Self::Clean => &[],
        }
    }
}

/// The end of the dispute over the job's result, whether or not there is one.
fn resolve_instruction(fixture: &JobFixture) -> jobs::instructions::Resolve {
    let JobFixture { ref world, job, ref stored, .. } = *fixture;
    let node = world.node.pubkey();
    let stake = pda::staking::stake(&node);
    jobs::instructions::Resolve {
        market: stored.market,
        queue: pda::jobs::queue(&stored.market),
        dispute: pda::jobs::dispute(&job, stored.attempt_id),
        job,
        node: pda::jobs::node(&node),
        vault: pda::jobs::vault(&stored.market),
        payer_token: stored.payer_token,
        node_token: world.token_account(&node),
        challenger_token: world.token_account(&world.stranger.pubkey()),
        stake,
        stake_vault: pda::staking::vault(),
        nos_mint: world.mint,
        position: pda::rewards::position(&node),
        delegated_position: pda::rewards::position(&stake),
    }
}
