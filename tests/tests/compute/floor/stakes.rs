//! The stakes and the reward pool, measured as the jobs are: in the situations in which the suite
//! measures these instructions.

use nosana_client::actions::{self, Emission};
use nosana_tests::terms::{DURATION, EPOCH, NOS, STAKE};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use super::life::Life;
use crate::meter::has_first_bumps;

impl Life {
    /// Income of the reward pool, from its client and from a stream, and what a staker earns.
    pub async fn measure_rewards(&mut self) {
        let client = self.world.client.pubkey();
        let mint = self.world.mint;
        let owner = self.world.wallet_where(has_first_bumps).await;
        self.world.stake(&owner).await;
        self.world.enter(&owner).await;
        let fund = actions::fund(client, mint, NOS);
        self.measure("rewards.fund", fund.clone()).await;
        self.world.run(fund, &[&self.world.client]).await;

        self.world.advance_clock(2 * EPOCH);
        self.world.run(actions::sync(owner.pubkey()), &[]).await;
        self.world.advance_clock(EPOCH);
        self.measure("rewards.claim", actions::claim(owner.pubkey(), mint)).await;

        let (start, end) = (self.world.now(), self.world.now() + 60);
        let emission = Emission { id: 1, amount: NOS, start, end, cancellable: true };
        let open = actions::open_stream(client, mint, emission);
        let stream = open.stream;
        self.world.run(open, &[&self.world.client]).await;
        self.world.advance_clock(30);
        self.measure("rewards.drip", actions::drip(stream)).await;
    }

    /// A stake without a position, from its opening to the end of its cooldown.
    pub async fn measure_stake(&mut self) {
        let mint = self.world.mint;
        let owner = self.world.wallet_where(has_first_bumps).await;
        let key = owner.pubkey();
        let open = actions::open_stake(key, mint, STAKE, DURATION);
        self.measure_sent("staking.open_stake", open, &owner).await;
        self.measure("staking.top_up", actions::top_up_stake(key, mint, NOS)).await;
        self.measure_sent("staking.unstake", actions::unstake(key), &owner).await;

        self.world.advance_clock(DURATION);
        self.measure("staking.withdraw", actions::withdraw(key, mint)).await;
    }

    /// Measures the floor of an instruction, and sends the instruction.
    async fn measure_sent(
        &mut self,
        label: &'static str,
        instruction: impl Into<Instruction>,
        signer: &Keypair,
    ) {
        let instruction = instruction.into();
        self.measure(label, instruction.clone()).await;
        self.world.run(instruction, &[signer]).await;
    }
}
