//! A node that cheats: sends what `nosana node run` sends, with another result.

use anyhow::{Context, Result};
use nosana_client::{
    actions,
    jobs::{
        accounts::{Dispute, Job},
        types::Hardware,
    },
};
use nosana_job_spec::Digest;
use nosana_localnet::World;
use nosana_protocol::dispute::{commitment::trace_parts, sketch::Sketch};
use solana_address::Address;
use solana_instruction::Instruction;
use solana_keypair::Keypair;

use super::{config::PRICE, forge::Forgery, people::Person};

/// The commitment of a node that has measured nothing.
const HARDWARE: Hardware = Hardware {
    digest: [1; 32],
    vram_mib: 0,
    prompt_tokens_per_second: 1,
    capacity: 1,
    capabilities: 0,
    memory_mib: 0,
};

/// A node that cheats.
pub struct Cheater<'a> {
    world: &'a World,
    owner: &'a Person,
}

/// The trace to which a node has committed, with its salt.
#[derive(Clone, Copy, Debug)]
pub struct ClaimedTrace {
    sketch: [u8; 32],
    salt: [u8; 32],
}

impl<'a> Cheater<'a> {
    /// Registers a node, and lets it wait for a job.
    pub async fn join_queue(world: &'a World, owner: &'a Person) -> Result<Self> {
        let cheater = Self { world, owner };
        let register = actions::register_node(owner.wallet(), world.mint, HARDWARE);
        let work = actions::work(owner.wallet(), world.market, PRICE);
        cheater.send([register.into(), work.into()]).await?;
        Ok(cheater)
    }

    /// Starts the job that the node was matched with.
    pub async fn start_job(&self, address: Address) -> Result<()> {
        let job = self.fetch_job(&address).await?;
        self.send([actions::start(self.owner.wallet(), address, &job).into()]).await
    }

    /// Submits a result that was not computed as it should be.
    pub async fn submit_forgery(
        &self,
        address: Address,
        forgery: &Forgery,
    ) -> Result<ClaimedTrace> {
        let wallet = self.owner.wallet();
        let trace = ClaimedTrace { sketch: forgery.sketch.0, salt: *Keypair::new().secret_bytes() };
        let commitment = trace.commit_to(&self.owner.node(), &address);
        let job = self.fetch_job(&address).await?;
        let result = forgery.result.digest();
        let finish = actions::finish(wallet, address, &job, wallet, result, commitment);
        self.send([finish.into()]).await?;
        Ok(trace)
    }

    /// Opens the trace: who does not loses the dispute, whatever the panel says.
    pub async fn open_trace(
        &self,
        address: Address,
        dispute: &Dispute,
        trace: &ClaimedTrace,
    ) -> Result<()> {
        let ClaimedTrace { sketch, salt } = *trace;
        let open = actions::open_trace(self.owner.wallet(), address, dispute, sketch, salt);
        self.send([open.into()]).await
    }

    async fn fetch_job(&self, address: &Address) -> Result<Job> {
        Ok(self.world.session.fetch_account(address).await?)
    }

    async fn send<const COUNT: usize>(&self, instructions: [Instruction; COUNT]) -> Result<()> {
        let sent = self.world.session.send_transaction(&instructions, &self.owner.key, &[]).await;
        sent.with_context(|| self.owner.name.clone())?;
        Ok(())
    }
}

impl ClaimedTrace {
    /// Returns the commitment of `node` for `job`.
    fn commit_to(&self, node: &Address, job: &Address) -> [u8; 32] {
        let sketch = Sketch(self.sketch);
        let parts = trace_parts(&sketch, &self.salt, node.as_array(), job.as_array());
        Digest::of(&parts.concat()).0
    }
}
