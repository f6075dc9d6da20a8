//! The wallets of the trial.

use anyhow::{Context, Result};
use nosana_client::{actions, pda};
use nosana_localnet::World;
use nosana_protocol::{
    dispute::PANEL_SEATS,
    units::{BASE_UNITS_PER_NOS, SECONDS_PER_DAY},
};
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

use super::behavior::{Behavior, Challenger};
use crate::node::STAKE_PER_SLOT;

/// Lamports of each wallet.
const LAMPORTS: u64 = 10_000_000_000;
/// NOS of each wallet, in base units.
const NOS: u64 = 2_000 * BASE_UNITS_PER_NOS;
/// Duration of each stake.
const STAKE_SECONDS: u64 = 365 * SECONDS_PER_DAY;

/// A wallet of the trial.
#[derive(Debug)]
pub struct Person {
    /// Its name in the report.
    pub name: String,
    /// Its key.
    pub key: Keypair,
}

impl Person {
    /// The address of the wallet.
    pub fn wallet(&self) -> Address {
        self.key.pubkey()
    }

    /// The address of the person's node.
    pub fn node(&self) -> Address {
        pda::jobs::node(&self.wallet())
    }
}

/// Everybody who takes part.
pub struct People {
    /// Lists the jobs, and checks some results.
    pub client: Person,
    /// Runs its job.
    pub honest: Person,
    /// One for each way to cheat.
    pub cheats: Vec<(Behavior, Person)>,
    /// Disputes a right result.
    pub griefer: Person,
    /// Checks results of others.
    pub fisherman: Person,
    /// Judge.
    pub panel: Vec<Person>,
}

impl People {
    /// Creates the wallets, and stakes for those who have nodes.
    pub async fn gather(world: &World) -> Result<Self> {
        let known =
            |name: &str, key: &Keypair| Person { name: name.into(), key: key.insecure_clone() };
        let mut people = Self {
            client: known(Challenger::Client.name(), &world.client),
            honest: known(Challenger::Victim.name(), &world.node),
            cheats: Vec::new(),
            griefer: create_person(world, Challenger::Griefer.name().to_owned()).await?,
            fisherman: create_person(world, Challenger::Fisherman.name().to_owned()).await?,
            panel: Vec::new(),
        };

        for behavior in Behavior::ALL.into_iter().filter(|one| *one != Behavior::Honest) {
            let name = format!("node: {}", behavior.name());
            people.cheats.push((behavior, create_person(world, name).await?));
        }
        for number in 1..=PANEL_SEATS {
            people.panel.push(create_person(world, format!("panelist {number}")).await?);
        }
        for owner in people.node_owners() {
            stake(world, owner).await.with_context(|| format!("{} cannot stake", owner.name))?;
        }
        Ok(people)
    }

    /// Everybody.
    pub fn everybody(&self) -> impl Iterator<Item = &Person> {
        [&self.client, &self.griefer].into_iter().chain(self.node_owners())
    }

    /// Those who have nodes.
    pub fn node_owners(&self) -> impl Iterator<Item = &Person> {
        let cheats = self.cheats.iter().map(|(_, person)| person);
        [&self.honest, &self.fisherman].into_iter().chain(cheats).chain(&self.panel)
    }

    /// The person who disputes.
    pub fn challenger(&self, challenger: Challenger) -> &Person {
        match challenger {
            Challenger::Client => &self.client,
            Challenger::Fisherman => &self.fisherman,
            Challenger::Victim => &self.honest,
            Challenger::Griefer => &self.griefer,
        }
    }

    /// The owner of the node that behaves so.
    pub fn node_owner(&self, behavior: Behavior) -> &Person {
        let cheat = self.cheats.iter().find(|(found, _)| *found == behavior);
        cheat.map_or(&self.honest, |(_, person)| person)
    }
}

async fn create_person(world: &World, name: String) -> Result<Person> {
    let created = world.create_wallet(LAMPORTS, NOS).await;
    let key = created.with_context(|| format!("cannot create the wallet of the {name}"))?;
    Ok(Person { name, key })
}

async fn stake(world: &World, owner: &Person) -> Result<()> {
    let stake = actions::open_stake(owner.wallet(), world.mint, STAKE_PER_SLOT, STAKE_SECONDS);
    world.session.send_transaction(&[stake.into()], &owner.key, &[]).await?;
    Ok(())
}
