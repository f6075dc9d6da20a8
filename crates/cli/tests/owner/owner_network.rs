//! A network in this process.

use std::fs;

use nosana_client::{actions, jobs::accounts::Job, pda, token};
use nosana_localnet::{World, WorldConfig, windowless_terms};
use solana_address::Address;
use solana_instruction::{AccountMeta, Instruction};
use solana_keypair::Keypair;
use solana_signer::Signer;
use tempfile::TempDir;

use crate::network::Network;

/// A network in this process, whose clock can be moved.
pub struct OwnerNetwork {
    pub world: World,
    pub network: Network,
    _files: TempDir,
}

impl OwnerNetwork {
    pub async fn start() -> Self {
        let terms = windowless_terms();
        let config = match std::env::var_os("SBF_OUT_DIR") {
            Some(folder) => {
                WorldConfig { programs_folder: folder.into(), terms, ..WorldConfig::default() }
            }
            None => WorldConfig { terms, ..WorldConfig::default() },
        };
        let world = World::start(config, |_| ()).await.unwrap();
        let files = tempfile::tempdir().unwrap();
        let (keys, store) = (files.path().join("keys"), files.path().join("store"));
        fs::create_dir(&keys).unwrap();
        let write = |name: &str, key: &Keypair| {
            fs::write(keys.join(name), serde_json::to_vec(&key.to_bytes().to_vec()).unwrap())
                .unwrap();
        };
        for (name, key) in [
            ("client.json", &world.client),
            ("node.json", &world.node),
            ("poor.json", &Keypair::new()),
        ] {
            write(name, key);
        }
        let network = Network::beside(world.network.rpc_url(), keys, store);
        Self { world, network, _files: files }
    }

    pub async fn send_as_node(&self, instruction: impl Into<Instruction>) {
        self.world
            .session
            .send_transaction(&[instruction.into()], &self.world.node, &[])
            .await
            .unwrap();
    }

    /// Takes a slot, and leaves the queue again.
    pub async fn wait_and_leave(&self) {
        let (owner, market) = (self.world.node.pubkey(), self.world.market);
        self.send_as_node(actions::work(owner, market, 1)).await;

        let queue = self.world.session.fetch_queue(&market).await.unwrap();
        let cell = queue.find_cell(&pda::jobs::node(&owner)).unwrap();
        self.send_as_node(actions::leave(owner, market, cell)).await;
    }

    pub async fn job(&self, address: &Address) -> Job {
        self.world.session.fetch_account(address).await.unwrap()
    }

    /// Empties and closes the node's token account.
    pub async fn close_tokens(&self) {
        let (node, mint) = (self.world.node.pubkey(), self.world.mint);
        let [from, to] =
            [node, self.world.client.pubkey()].map(|owner| self.world.token_account(&owner));
        let all = self.world.session.fetch_token_balance(&from).await.unwrap();
        self.send_as_node(token::transfer_tokens(&from, &to, &mint, &node, all).unwrap()).await;
        let accounts = vec![
            AccountMeta::new(from, false),
            AccountMeta::new(node, false),
            AccountMeta::new_readonly(node, true),
        ];

        // The token program's ninth instruction closes an account.
        self.send_as_node(Instruction { program_id: token::PROGRAM, accounts, data: vec![9] })
            .await;
    }
}
