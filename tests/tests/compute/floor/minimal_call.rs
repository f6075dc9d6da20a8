//! The call of the floor's program in the place of an instruction: the same accounts, and a recipe.

use nosana_client::jobs::{
    self,
    accounts::{Job, Market},
};
use nosana_protocol::seeds;
use nosana_tests::catalogue::{self, Program, idl};
use solana_address::Address;
use solana_instruction::Instruction;

use super::rows::Row;
use crate::recipe::{NONE, Recipe};

/// Where the nonce is in the data of `list`: its first argument.
const NONCE_RANGE: std::ops::Range<usize> = 8..16;

/// The places of an instruction's accounts.
struct Places {
    names: &'static [String],
}

impl Places {
    /// Returns the place of an account.
    fn find(&self, name: &str) -> u8 {
        let place = self.names.iter().position(|it| it == name);
        let place = place.unwrap_or_else(|| panic!("the instruction has no account `{name}`"));
        u8::try_from(place).expect("there are few accounts")
    }

    /// Returns the places of up to `N` accounts, and none for the rest.
    fn find_all<const N: usize>(&self, names: &[&str]) -> [u8; N] {
        assert!(names.len() <= N, "a recipe names {N} accounts, not {names:?}");
        std::array::from_fn(|index| names.get(index).map_or(NONE, |name| self.find(name)))
    }
}

/// Returns the call that does what `instruction` cannot do without: what its row says, and an event
/// of as many bytes.
pub fn replace_instruction(
    row: &Row,
    instruction: &Instruction,
    market: &Market,
    event_bytes: usize,
) -> Instruction {
    let entry = catalogue::identify(instruction).expect("it is an instruction of the catalogue");
    let places = Places { names: idl::account_names(Program::Jobs, entry.name) };
    let seeds = if row.created.is_some() {
        let client = instruction.accounts[usize::from(places.find("client"))].pubkey;
        let nonce = instruction.data[NONCE_RANGE].try_into().expect("it has eight bytes");
        Seeds::new(seeds::JOB, &client, u64::from_le_bytes(nonce))
    } else {
        Seeds::new(seeds::MARKET, &market.creator, market.id)
    };

    let recipe = write_recipe(row, &places, event_bytes, seeds.name_bytes);
    let data = [recipe.to_bytes().as_slice(), &seeds.bytes].concat();
    Instruction { program_id: jobs::ID, accounts: instruction.accounts.clone(), data }
}

fn write_recipe(row: &Row, places: &Places, event_bytes: usize, name_bytes: u8) -> Recipe {
    let find_pair = |names: Option<[&str; 2]>| names.map(|names| places.find_all(&names));
    let [created, funder] = find_pair(row.created).unwrap_or([NONE; 2]);
    let [closed, receiver] = find_pair(row.closed).unwrap_or([NONE; 2]);
    let payment = row.payment.as_ref();

    Recipe {
        writes: places.find_all(row.writes),
        logged: places.find(row.logged),
        event_bytes: u16::try_from(event_bytes).expect("an event is short"),
        source: payment.map_or(NONE, |payment| places.find(payment.source)),
        destinations: payment.map_or([NONE; 2], |payment| places.find_all(payment.destinations)),
        authority: payment.map_or(NONE, |payment| places.find(payment.authority)),
        created,
        funder,
        space: u16::try_from(Job::SIZE).expect("a job is short"),
        closed,
        receiver,
        name_bytes,
    }
}

/// The seeds of an address of the jobs program, as the recipe's program reads them.
struct Seeds {
    /// Bytes of the first seed.
    name_bytes: u8,
    /// All seeds and the bump, joined.
    bytes: Vec<u8>,
}

impl Seeds {
    fn new(name: &[u8], address: &Address, number: u64) -> Self {
        let number = number.to_le_bytes();
        let parts: [&[u8]; 3] = [name, address.as_ref(), &number];
        let (_, bump) = Address::find_program_address(&parts, &jobs::ID);

        let mut bytes = parts.concat();
        bytes.push(bump);
        Self { name_bytes: u8::try_from(name.len()).expect("a name is short"), bytes }
    }
}
