//! Addresses that several files name.

use nosana_client::{jobs, pda, rewards, staking, token};
use nosana_protocol::seeds;
use solana_address::Address;

use super::sources::{
    constant_address, read_file, read_idl, read_sources, repository_path, text_between,
};

#[test]
fn addresses_are_the_same_everywhere() {
    let ids = read_file("crates/program-common/src/ids.rs");
    let table = [
        ("jobs", "JOBS", jobs::ID),
        ("staking", "STAKING", staking::ID),
        ("rewards", "REWARDS", rewards::ID),
    ];
    let anchor = read_file("Anchor.toml");
    for (program, constant, client) in table {
        assert_eq!(constant_address(&ids, constant), client, "{constant} in ids.rs");
        let declared = read_file(&format!("programs/{program}/src/lib.rs"));
        assert_eq!(
            text_between(&declared, "declare_id!(\"", "\")"),
            client.to_string(),
            "declare_id! of {program}"
        );
        assert_eq!(read_idl(program)["address"], client.to_string(), "the IDL of {program}");
        assert!(anchor.contains(&client.to_string()), "Anchor.toml names {program}");
    }
    assert_eq!(constant_address(&ids, "TOKEN"), token::PROGRAM);
    let derived = [
        ("JOBS_AUTHORITY", pda::jobs::authority()),
        ("PANELISTS", pda::jobs::panelists()),
        ("STAKING_CONFIG", pda::staking::config()),
        ("POOL", pda::rewards::pool()),
        ("POOL_VAULT", pda::rewards::vault()),
    ];
    for (constant, address_of) in derived {
        assert_eq!(constant_address(&ids, constant), address_of, "{constant} in ids.rs");
    }
    let (_, bump) = Address::find_program_address(&[seeds::AUTHORITY], &jobs::ID);
    assert_eq!(text_between(&ids, "pub const JOBS_AUTHORITY_BUMP: u8 = ", ";"), bump.to_string());
    let common = read_sources(&repository_path("crates/program-common/src"));
    let loader = constant_address(&common, "LOADER");
    assert_eq!(loader, nosana_tests::programs::LOADER);
}
