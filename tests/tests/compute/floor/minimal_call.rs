//! The call of the floor's program in the place of an instruction: the same accounts, and a recipe.

use nosana_client::{
    jobs::accounts::{Job, Market},
    staking::accounts::Stake,
};
use nosana_protocol::seeds;
use nosana_tests::catalogue::{self, Program, idl};
use solana_address::Address;
use solana_instruction::Instruction;

use super::row::Row;
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
    let program = entry.program;
    let places = Places { names: idl::account_names(program, entry.name) };
    let seeds = if row.created.is_some() {
        find_created(program, &places, instruction)
    } else {
        find_signer(program, market)
    };

    let recipe = write_recipe(row, program, &places, event_bytes, seeds.lengths);
    let data = [recipe.to_bytes().as_slice(), &seeds.bytes].concat();
    Instruction { program_id: program.id(), accounts: instruction.accounts.clone(), data }
}

/// Returns the seeds of the account that an instruction creates: a job, or a stake.
fn find_created(program: Program, places: &Places, instruction: &Instruction) -> Seeds {
    let find_address = |name: &str| instruction.accounts[usize::from(places.find(name))].pubkey;

    match program {
        Program::Jobs => {
            let nonce = &instruction.data[NONCE_RANGE];
            Seeds::new(program, [seeds::JOB, find_address("client").as_ref(), nonce])
        }
        Program::Staking => {
            Seeds::new(program, [seeds::STAKE, find_address("owner").as_ref(), &[]])
        }
        Program::Rewards => panic!("no row of the rewards program creates an account"),
    }
}

/// Returns the seeds of the account that signs for the vault of an instruction.
fn find_signer(program: Program, market: &Market) -> Seeds {
    match program {
        Program::Jobs => {
            let id = market.id.to_le_bytes();
            Seeds::new(program, [seeds::MARKET, market.creator.as_ref(), &id])
        }
        Program::Staking => Seeds::new(program, [seeds::CONFIG, &[], &[]]),
        Program::Rewards => Seeds::new(program, [seeds::POOL, &[], &[]]),
    }
}

/// Returns the bytes of the account that an instruction of this program creates.
const fn created_bytes(program: Program) -> usize {
    match program {
        Program::Jobs => Job::SIZE,
        Program::Staking => Stake::SIZE,
        Program::Rewards => 0,
    }
}

fn write_recipe(
    row: &Row,
    program: Program,
    places: &Places,
    event_bytes: usize,
    seed_bytes: [u8; 3],
) -> Recipe {
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
        space: u16::try_from(created_bytes(program)).expect("an account is short"),
        closed,
        receiver,
        seed_bytes,
        reads_clock: row.reads_clock.into(),
    }
}

/// The seeds of an address, as the recipe's program reads them.
struct Seeds {
    /// The bytes of each; zero for those that the address does not have.
    lengths: [u8; 3],
    /// All seeds and the bump, joined.
    bytes: Vec<u8>,
}

impl Seeds {
    fn new(program: Program, parts: [&[u8]; 3]) -> Self {
        // The address is that of the joined seeds: an empty one changes nothing.
        let (_, bump) = Address::find_program_address(&parts, &program.id());

        let mut bytes = parts.concat();
        bytes.push(bump);
        let lengths = parts.map(|part| u8::try_from(part.len()).expect("a seed is short"));
        Self { lengths, bytes }
    }
}
