//! The migrations: applied twice, and with the program that holds IDLs.

use std::{env, fs, path::PathBuf, process::Command};

use nosana_client::{Session, jobs, rewards, staking};
use nosana_localnet::{Localnet, LocalnetConfig, ProgramFile, World, WorldConfig, default_terms};
use nosana_migrations::{
    IdlPlan, MarketPlan, MintSource, Plan, StepOutcome, Target, apply_plan,
    steps::idls::{METADATA_PROGRAM, PACKAGE, ensure_idls},
};
use solana_account::Account;
use solana_address::Address;
use solana_keypair::{Keypair, write_keypair_file};
use solana_signer::Signer;

/// A dump of the program-metadata program.
const DUMP_VARIABLE: &str = "NOSANA_PROGRAM_METADATA_SO";
const PROGRAMS: [(&str, Address); 3] =
    [("jobs", jobs::ID), ("staking", staking::ID), ("rewards", rewards::ID)];
const LAMPORTS: u64 = 100_000_000_000;

async fn start_world(progress: impl FnMut(&str)) -> World {
    let config = WorldConfig { slot_ms: 50, ..WorldConfig::default() };
    World::start(config, progress).await.expect("start")
}

fn idl_plan(keypair_file: Option<PathBuf>) -> IdlPlan {
    IdlPlan { folder: PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../idl"), keypair_file }
}

#[tokio::test]
async fn a_second_migration_changes_nothing_and_both_say_why_no_idl_is_written() {
    let mut steps = Vec::new();
    let world = start_world(|step| steps.push(step.to_owned())).await;
    let reason = format!("this cluster has no program-metadata program, {METADATA_PROGRAM}");
    assert!(steps.contains(&format!("migration 7 idls, skipped: {reason}")), "{steps:?}");

    let plan = Plan {
        mint: MintSource::Existing(world.mint),
        epoch_seconds: 3_600,
        network_fee_bps: 1_000,
        market_deposit: 0,
        market: Some(MarketPlan { id: 1, notice_seconds: 86_400, terms: default_terms() }),
        grants: Vec::new(),
        idls: Some(idl_plan(None)),
    };
    let target = Target { session: &world.session, deployer: &world.deployer };
    let mut outcomes = Vec::new();
    let applied =
        apply_plan(target, &plan, |step, outcome| outcomes.push((step.to_owned(), outcome)));
    applied.await.expect("apply");

    let expected = [
        ("1 mint", StepOutcome::Unchanged),
        ("2 rewards", StepOutcome::Unchanged),
        ("3 staking", StepOutcome::Unchanged),
        ("4 jobs", StepOutcome::Unchanged),
        ("6 market", StepOutcome::Unchanged),
        ("7 idls", StepOutcome::Skipped(reason)),
    ];
    assert_eq!(outcomes, expected.map(|(step, outcome)| (step.to_owned(), outcome)));
    world.stop().await.expect("stop");
}

#[tokio::test]
async fn no_idl_is_written_without_the_upgrade_authority_and_its_key_file() {
    let world = start_world(|_| ()).await;
    // Only marks that the program exists: all that is refused here is refused before it is called.
    let marker = Account { lamports: LAMPORTS, ..Account::default() };
    world.network.set_account(METADATA_PROGRAM, marker).await.expect("the marker");

    let stranger = Keypair::new();
    let folder = tempfile::tempdir().expect("a folder");
    let wrong_file = folder.path().join("stranger.json");
    write_keypair_file(&stranger, &wrong_file).expect("a key file");

    let error_of = async |deployer: &Keypair, plan: IdlPlan| {
        let target = Target { session: &world.session, deployer };
        format!("{:#}", ensure_idls(target, &plan).await.expect_err("refused"))
    };
    let (owner, other) = (world.deployer.pubkey().to_string(), stranger.pubkey().to_string());

    let error = error_of(&stranger, idl_plan(Some(wrong_file.clone()))).await;
    assert!(error.contains("upgrade authority of jobs"), "{error}");
    assert!(error.contains(&owner) && error.contains(&other), "{error}");

    let error = error_of(&world.deployer, idl_plan(None)).await;
    assert!(error.contains("keypair_file"), "{error}");

    let error = error_of(&world.deployer, idl_plan(Some(wrong_file))).await;
    assert!(error.contains(&owner) && error.contains(&other), "{error}");
    world.stop().await.expect("stop");
}

/// Returns what the chain holds, as explorers get it.
fn fetch_idl(rpc_url: &str, program: &Address) -> String {
    let mut npx = Command::new("npx");
    npx.args(["--yes", &format!("--package={PACKAGE}"), "--", "program-metadata"]);
    npx.args(["--rpc", rpc_url, "fetch", "idl", &program.to_string()]);

    let output = npx.output().expect("npx");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

#[tokio::test]
async fn idls_are_written_once_and_read_back() {
    let Some(dump) = env::var_os(DUMP_VARIABLE) else {
        println!(
            "skipped: {DUMP_VARIABLE} is not set; no registry has the program-metadata program, \
             and CONTRIBUTING.md says how to get a dump of it"
        );
        return;
    };
    let deployer = Keypair::new();
    let folder = tempfile::tempdir().expect("a folder");
    let keypair_file = folder.path().join("deployer.json");
    write_keypair_file(&deployer, &keypair_file).expect("a key file");

    let deploy = WorldConfig::default().programs_folder;
    let mut programs = vec![ProgramFile { address: METADATA_PROGRAM, path: PathBuf::from(dump) }];
    programs.extend(PROGRAMS.map(|(name, address)| ProgramFile {
        address,
        path: deploy.join(format!("nosana_{name}.so")),
    }));
    let network = Localnet::start(LocalnetConfig {
        // The client knows no other websocket of a local network than that of this port.
        rpc_port: 8899,
        slot_ms: 50,
        programs,
        airdrops: vec![(deployer.pubkey(), LAMPORTS)],
        upgrade_authority: Some(deployer.pubkey()),
    })
    .await
    .expect("start");

    let session = Session::connect(&network.rpc_url(), &network.ws_url()).await.expect("connect");
    let target = Target { session: &session, deployer: &deployer };
    let plan = idl_plan(Some(keypair_file));
    assert_eq!(ensure_idls(target, &plan).await.expect("write"), StepOutcome::Applied);
    for (name, program) in PROGRAMS {
        let file = plan.folder.join(name).with_extension("json");
        let expected = fs::read_to_string(file).expect("an IDL");
        let stored = fetch_idl(&network.rpc_url(), &program);
        assert!(stored.trim_end() == expected.trim_end(), "{name} differs on the chain");
    }

    assert_eq!(ensure_idls(target, &plan).await.expect("again"), StepOutcome::Unchanged);
    network.stop().await.expect("stop");
}
