//! Whether this host runs containers. `cargo xtask test` runs this before all tests of containers,
//! and shows what it prints.

mod common;

#[test]
fn this_host_runs_containers() {
    let Ok(engine) = common::engine() else { return };

    let runtime = engine.runtime().unwrap_or("its own OCI runtime");
    println!("containers run in {} {} with {runtime}", engine.kind(), engine.version());
    if let Some(notice) = engine.runtime_notice() {
        println!("NOTICE: {notice}");
    }
    assert!(!engine.version().is_empty());
}
