use std::{cell::RefCell, time::Duration};

use solana_account::{Account, AccountSharedData};
use solana_address::Address;
use solana_clock::Clock;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_program_test::{BanksClient, ProgramTest, ProgramTestContext, tokio};
use solana_signer::Signer;
use solana_transaction::Transaction;

use super::{Chain, Executed, Footprint};
use crate::failure::Failure;

/// How often a new blockhash is requested. There is one every 6.4 ms.
const POLL_INTERVAL: Duration = Duration::from_millis(2);

/// A real bank, with all features of the runtime.
pub struct Bank {
    client: BanksClient,
    context: RefCell<ProgramTestContext>,
    clock: RefCell<Clock>,
}

impl Chain for Bank {
    async fn start(accounts: Vec<(Address, Account)>, now: i64) -> Self {
        let mut test = ProgramTest::default();
        // It sets up a logger that prints every instruction.
        log::set_max_level(log::LevelFilter::Error);
        for (address, account) in accounts {
            test.add_account(address, account);
        }

        let context = test.start_with_context().await;

        let client = context.banks_client.clone();
        let clock = client.get_sysvar::<Clock>().await.expect("there is a clock");

        let bank = Self { client, context: RefCell::new(context), clock: RefCell::new(clock) };
        bank.set_now(now);
        bank
    }

    async fn send(
        &self,
        instructions: &[Instruction],
        payer: &Keypair,
        signers: &[&Keypair],
    ) -> Result<Executed, Failure> {
        let used = self.context.borrow().last_blockhash;
        let blockhash = loop {
            let latest = self.client.get_latest_blockhash().await.expect("the bank answers");
            if latest != used {
                break latest;
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        };
        self.context.borrow_mut().last_blockhash = blockhash;

        let all: Vec<&Keypair> = std::iter::once(payer).chain(signers.iter().copied()).collect();
        let transaction = Transaction::new_signed_with_payer(
            instructions,
            Some(&payer.pubkey()),
            &all,
            blockhash,
        );

        let footprint = Footprint::of(&transaction);
        let done = self
            .client
            .process_transaction_with_metadata(transaction)
            .await
            .expect("the bank answers");
        let (compute_units, logs) = done
            .metadata
            .map(|meta| (meta.compute_units_consumed, meta.log_messages))
            .unwrap_or_default();

        match done.result {
            Ok(()) => Ok(Executed { compute_units, logs, footprint, rent: None }),
            Err(error) => Err(Failure { error, logs }),
        }
    }

    async fn account(&self, address: &Address) -> Option<Account> {
        let account = self.client.get_account(*address).await.expect("the bank answers");
        account.filter(|account| account.lamports > 0)
    }

    fn set_account(&self, address: &Address, account: Account) {
        self.context.borrow_mut().set_account(address, &AccountSharedData::from(account));
    }

    fn now(&self) -> i64 {
        self.clock.borrow().unix_timestamp
    }

    fn set_now(&self, now: i64) {
        let mut clock = self.clock.borrow_mut();
        clock.unix_timestamp = now;
        self.context.borrow().set_sysvar(&*clock);
    }
}
