//! The command lines that the documentation has.

use super::*;

#[test]
fn the_command_line_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn the_documented_command_lines_are_accepted() {
    for line in [
        "nosana localnet",
        "nosana localnet --port 0 --slot-ms 50 --with-node --info-file x.json",
        "nosana localnet --programs p --store s",
        "nosana bench demo",
        "nosana bench demo --jobs 3 --slot-ms 50 --out folder --no-open",
        "nosana job run --yes --wait --env CI=true --input src --network -- make test",
        "nosana job run --artifact out/*.xml --artifact *.txt -- make test",
        "nosana job run --timeout 60 --memory-mib 512 --cpus 1 --disk-mib 100 -- make",
        "nosana job run --wait --artifacts-to out --input a.tar:b -- make",
        "nosana job generate --max-tokens 8 --yes --wait Hello",
        "nosana job logs 11111111111111111111111111111111 --artifacts-to out",
        "nosana job list --state open,settled --since 7d --limit 10 --transactions",
        "nosana job list --since 2026-11-28 --json",
        "nosana job clean --older-than 7d --dry-run",
        "nosana job reject 11111111111111111111111111111111 --requeue",
        "nosana job wait 11111111111111111111111111111111 --no-accept",
        "nosana job embed --yes --wait --no-accept Hello",
        "nosana store gc --days 7 --store s",
        "nosana job embed --ipfs http://127.0.0.1:5001 --yes Hello",
        "nosana node bench",
        "nosana node run --slots 2 --min-price 0.0001 --state s --metrics 127.0.0.1:0",
        "nosana node bench --json",
        "nosana node setup --days 365 --stake 25 --slots 4 --yes",
        "nosana node status 11111111111111111111111111111111 --output json",
        "nosana node drain --off",
        "nosana node claim",
        "nosana node setup --state s --yes",
        "nosana wallet new key.json",
        "nosana wallet send 11111111111111111111111111111111 --nos 5 --sol 0.1 --yes",
        "nosana wallet balance",
        "nosana wallet airdrop 0.5",
        "nosana doctor --node --json",
        "nosana job extend 11111111111111111111111111111111 60 --payer key.json",
        "nosana job embed --payer key.json --yes Hello",
        "nosana job wait 11111111111111111111111111111111 --raw",
        "nosana market apply --yes",
        "nosana model list --json",
        "nosana model pull hf://org/repo/file.gguf --models-max 80GB",
        "nosana model info SmolLM2-135M-Instruct --json",
        "nosana model remove SmolLM2-135M-Instruct",
        "nosana node run --models-max 200GB --private-sources",
        "nosana job generate --model hf://org/repo/file.gguf --yes Hello",
        "nosana job embed --model file.gguf --source https://example.org/file.gguf Hello",
    ] {
        let parsed = Cli::try_parse_from(line.split(' '));
        assert!(parsed.is_ok(), "{line}: {parsed:?}");
    }
    assert!(Cli::try_parse_from(["nosana", "localnet", "--port", "70000"]).is_err());
    assert!(Cli::try_parse_from(["nosana", "job", "run", "--yes"]).is_err());
    assert!(Cli::try_parse_from(["nosana", "job", "list", "--limit", "0"]).is_err());
    assert!(
        Cli::try_parse_from(["nosana", "job", "run", "--artifacts-to", "out", "--", "make"])
            .is_err()
    );
}

#[test]
fn the_earlier_spelling_of_artifacts_is_accepted_and_hidden() {
    let job = "11111111111111111111111111111111";
    let earlier = ["nosana", "job", "logs", job, "--artefacts-to", "out"];
    let current = ["nosana", "job", "logs", job, "--artifacts-to", "out"];
    let parse = |words: &[&str]| format!("{:?}", Cli::try_parse_from(words).unwrap());
    assert_eq!(parse(&earlier), parse(&current));

    let job_run = ["nosana", "job", "run", "--wait"];
    let earlier = ["--artefact", "*.txt", "--artefacts-to", "out", "--", "make"];
    let current = ["--artifact", "*.txt", "--artifacts-to", "out", "--", "make"];
    assert_eq!(
        parse(&[&job_run[..], &earlier].concat()),
        parse(&[&job_run[..], &current].concat())
    );

    let mut cli = Cli::command();
    let job = cli.find_subcommand_mut("job").unwrap();
    let help = job.find_subcommand_mut("run").unwrap().render_long_help().to_string();
    assert!(help.contains("--artifacts-to") && !help.contains("--artefact"));
}
