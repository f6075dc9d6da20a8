//! Measures an instruction and its floor in the same state.

use nosana_client::{
    actions::{self, NO_TRACE},
    jobs::accounts::Market,
};
use nosana_tests::{
    Chain,
    terms::{RESULT, batch},
};
use solana_address::Address;
use solana_instruction::Instruction;
use solana_signer::Signer;

use super::{
    Floor,
    life::Life,
    logged::{called_programs, logged_bytes},
    minimal_call::replace_instruction,
    program_code::{Code, ProgramCode},
    rows::find_row,
};
use crate::meter::nonce_with_first_bump;

impl Life {
    /// Lists a job whose address has the first bump; measures it if there is a label.
    pub async fn list(&mut self, label: Option<&'static str>) -> Address {
        let client = self.world.client.pubkey();
        self.nonce = nonce_with_first_bump(&client, self.nonce + 1);
        let order = batch(self.nonce);
        let list = actions::list(client, client, self.world.market, self.world.mint, order);
        let job = list.job;

        if let Some(label) = label {
            self.measure(label, list.clone()).await;
        }
        self.world.run(list, &[&self.world.client]).await;
        job
    }

    /// Lists a job and lets the node run it for half a minute.
    pub async fn run_job(&mut self) -> Address {
        let job = self.list(None).await;
        self.world.work_and_start(&self.world.node, &job).await;
        self.world.advance_clock(30);
        job
    }

    /// Measures the submission of a result, and submits it.
    pub async fn finish(&mut self, label: &'static str, job: &Address) {
        let node = self.world.node.pubkey();
        let stored = self.world.job(job).await;
        self.measure(label, actions::finish(node, *job, &stored, node, RESULT, NO_TRACE)).await;
        self.world.finish(&self.world.node, job).await;
    }

    /// Measures the floor of an instruction, which could be sent now.
    pub async fn measure(&mut self, label: &'static str, instruction: impl Into<Instruction>) {
        let row = find_row(label);
        let instruction = instruction.into();
        let market: Market = self.world.get(&self.world.market).await;
        let program = instruction.program_id;
        let expected = self.world.simulate(&instruction).expect("the instruction succeeds");
        let event_bytes = logged_bytes(&program, &expected);
        let minimal_call = replace_instruction(row, &instruction, &market, event_bytes);

        let ProgramCode { own, floor } = self.find_code(&program);
        self.place_code(floor);
        let floor = self.world.simulate(&minimal_call);
        self.place_code(own);

        let floor = floor.expect("the floor succeeds");
        assert_eq!(logged_bytes(&program, &floor), event_bytes, "{label}: bytes of the event");
        assert_eq!(called_programs(&floor), called_programs(&expected), "{label}: calls");
        self.measured.push(Floor {
            label,
            units: floor.compute_units,
            instruction_units: expected.compute_units,
            excess: row.excess.as_ref(),
        });
    }

    /// Returns the code of a program and that of its floors.
    fn find_code(&self, program: &Address) -> &ProgramCode {
        let code = self.code.iter().find(|code| code.address() == program);
        code.expect("the instruction is one of the three programs'")
    }

    /// Places code at the address of a program.
    fn place_code(&self, code: &Code) {
        for (address, account) in code {
            self.world.chain.set_account(address, account.clone());
        }
    }
}
