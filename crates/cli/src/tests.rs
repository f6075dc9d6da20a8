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
        "nosana bench liar --slot-ms 50 --out folder --no-open",
        "nosana bench faults",
        "nosana bench scale --quick --nodes 10,1000 --markets 1,16 --slots 2 --seed 7",
        "nosana bench scale --mean-life 3600 --measured target/demo/demo.json --out folder",
        "nosana bench scale --against target/demo/demo.json",
        "nosana bench connect --quick --patience 60 --out folder --quiet",
        "nosana bench faults --seconds 25 --seed 7 --mean-life 5 --out folder --no-open",
        "nosana bench engine --in-flight 1,16 --quick --no-open",
        "nosana bench calibrate --record card.json --gpu 1 --texts 100 --quiet",
        "nosana bench calibrate --against card.json --against haswell.json --variants folder",
        "nosana bench report --root checkout --compare --only costs --only faults",
        "nosana bench report --write-baseline --without-timings --open",
        "nosana bench report --record",
        "nosana bench report --readme",
        "nosana job run --yes --wait --env CI=true --input src --network -- make test",
        "nosana job run --artifact out/*.xml --artifact *.txt -- make test",
        "nosana job run --timeout 60 --memory-mib 512 --cpus 1 --disk-mib 100 -- make",
        "nosana job run --wait --artifacts-to out --input a.tar:b -- make",
        "nosana job generate --max-tokens 8 --yes --wait Hello",
        "nosana job logs 11111111111111111111111111111111 --artifacts-to out",
        "nosana job logs 11111111111111111111111111111111 --follow --raw",
        "nosana job run --service --expose 8080 --expose 9000 --yes -- serve",
        "nosana job connect 11111111111111111111111111111111",
        "nosana job connect 11111111111111111111111111111111 --port 8080 --port 9000:80 --wait",
        "nosana job connect 11111111111111111111111111111111 --identity folder --json",
        "nosana job share 11111111111111111111111111111111",
        "nosana job share 11111111111111111111111111111111 --logs --port 8080 --for 1h",
        "nosana job list --state open,settled --since 7d --limit 10 --transactions",
        "nosana job list --since 2026-11-28 --json",
        "nosana job list --cost --transactions --limit 3",
        "nosana job clean --older-than 7d --dry-run",
        "nosana job reject 11111111111111111111111111111111 --requeue",
        "nosana job wait 11111111111111111111111111111111 --no-accept",
        "nosana job embed --yes --wait --no-accept Hello",
        "nosana job embed --verified --check auto --wait --yes Hello",
        "nosana job generate --verified --check 0.1 --wait --yes Hello",
        "nosana job post --verified --yes job.json",
        "nosana job wait 11111111111111111111111111111111 --check 1",
        "nosana job wait 11111111111111111111111111111111 --check auto --check-by own",
        "nosana job wait 11111111111111111111111111111111 --check 1 --check-by auto --json",
        "nosana job embed --verified --check 0.1 --check-by twin --wait --yes Hello",
        "nosana job challenge 11111111111111111111111111111111 --yes",
        "nosana dispute list --market 11111111111111111111111111111111 --json",
        "nosana dispute show 11111111111111111111111111111111",
        "nosana dispute crank 11111111111111111111111111111111",
        "nosana node run --panel --check-others 0.1",
        "nosana store gc --days 7 --store s",
        "nosana store put file --store s",
        "nosana store put file --private",
        "nosana store gc --days 7 --private",
        "nosana store get QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn --to file --max 1GB",
        "nosana store ls QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn --url localhost",
        "nosana deploy web.json --replicas 2 --for 24h --budget 10 --chunk 1h --yes",
        "nosana deploy web.json --for 90m --budget 1 --max-price 0.001",
        "nosana deploy web.json --private --replicas 2 --for 24h --budget 10",
        "nosana deploy status web --json",
        "nosana deploy status web --gateway https://jobs.example.com",
        "nosana job show 11111111111111111111111111111111 --gateway jobs.example.com",
        "nosana deploy stop web",
        "nosana explorer --port 0 --page dist --uploads-max 0 --url localhost",
        "nosana localnet --content 127.0.0.1:0",
        "nosana node run --content 127.0.0.1:9465",
        "nosana job embed --ipfs http://127.0.0.1:5001 --yes Hello",
        "nosana node bench",
        "nosana node run --slots 2 --min-price 0.0001 --state s --metrics 127.0.0.1:0",
        "nosana node bench --json",
        "nosana node setup --days 365 --stake 25 --slots 4 --yes",
        "nosana node status 11111111111111111111111111111111 --output json",
        "nosana node drain --off",
        "nosana node release --json",
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
        "nosana job generate --model hf://org/repo/file.gguf --models-max 80GB Hello",
        "nosana job serve SmolLM2-135M-Instruct --timeout 3600 --yes",
        "nosana job serve --model SmolLM2-135M-Instruct",
        "nosana job serve file.gguf --source https://example.org/file.gguf",
    ] {
        let parsed = Cli::try_parse_from(line.split(' '));
        assert!(parsed.is_ok(), "{line}: {parsed:?}");
    }
    assert!(Cli::try_parse_from(["nosana", "localnet", "--port", "70000"]).is_err());
    assert!(Cli::try_parse_from(["nosana", "bench", "engine", "--in-flight", "1,0"]).is_err());
    // Of no runs, every claim would hold.
    for count in ["--texts", "--questions", "--max-tokens"] {
        assert!(Cli::try_parse_from(["nosana", "bench", "calibrate", count, "0"]).is_err());
    }
    for more in [&["--gpu", "0"][..], &["--record", "a.json", "--against", "b.json"]] {
        let command = [&["nosana", "bench", "calibrate"][..], more].concat();
        assert!(Cli::try_parse_from(command).is_err(), "{more:?}");
    }
    assert!(Cli::try_parse_from(["nosana", "job", "serve", "a", "--model", "b"]).is_err());
    let source = ["--source", "https://example.org/file.gguf"];
    for command in [&["nosana", "job", "serve"][..], &["nosana", "job", "embed", "Hello"]] {
        assert!(Cli::try_parse_from([command, &source].concat()).is_err(), "{command:?}");
    }
    assert!(Cli::try_parse_from(["nosana", "job", "run", "--yes"]).is_err());
    assert!(Cli::try_parse_from(["nosana", "job", "list", "--limit", "0"]).is_err());
    let job = "11111111111111111111111111111111";
    assert!(Cli::try_parse_from(["nosana", "job", "wait", job, "--check-by", "twin"]).is_err());
    for port in ["0", "80:0", "a:80", "70000", "1:2:3", ""] {
        assert!(Cli::try_parse_from(["nosana", "job", "connect", job, "--port", port]).is_err());
    }
    assert!(Cli::try_parse_from(["nosana", "job", "connect", job, "--ticket", "nosana"]).is_err());
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

    let help = render_help("run");
    assert!(help.contains("--artifacts-to") && !help.contains("--artefact"));
}

#[test]
fn the_help_names_the_most_texts_of_a_job() {
    let most = format!("at most {}", nosana_job_spec::MAX_INPUTS);
    for command in ["embed", "generate"] {
        let help = render_help(command);
        assert!(help.contains(&most), "{help}");
    }
}

#[test]
fn the_help_describes_what_a_command_finds() {
    let help = render_help("run");
    let processes = nosana_job_spec::CommandLimits::default().processes().to_string();
    let parts = [
        processes.as_str(),
        "570 s",
        "/usr",
        "HOME is /work/.home",
        "LANG=C.UTF-8",
        "UTC",
        "sandbox.md",
    ];
    for part in parts {
        assert!(help.contains(part), "{part}: {help}");
    }
}

#[test]
fn a_wrong_value_is_refused_with_those_that_are_possible() {
    let mut found = 0;
    check_choices(&Cli::command(), &["nosana"], &mut found);
    assert!(found > 10, "only {found} arguments have possible values");

    let shell = ["nosana", "job", "run", "--shell", "zsh", "--", "true"];
    let error = Cli::try_parse_from(shell).unwrap_err().to_string();
    assert!(error.contains("[possible values: bash, sh]"), "{error}");
}

/// Gives a wrong value to each argument that has possible values, of the command whose path is
/// `words` and of all below it. Counts these arguments.
fn check_choices(command: &clap::Command, words: &[&str], found: &mut usize) {
    for argument in command.get_arguments() {
        let possible = argument.get_possible_values();
        let shown = possible.iter().filter(|value| !value.is_hide_set());
        let names: Vec<&str> = shown.map(|value| value.get_name()).collect();
        // A flag has the possible values of a truth, and takes none.
        if names.is_empty() || !argument.get_action().takes_values() {
            continue;
        }

        // Some take a value only behind an equals sign.
        let option = argument.get_long().map(|long| format!("--{long}=nonsense"));
        let line: Vec<&str> =
            words.iter().copied().chain([option.as_deref().unwrap_or("nonsense")]).collect();
        let error = Cli::try_parse_from(&line).unwrap_err().to_string();
        let expected = format!("[possible values: {}]", names.join(", "));
        assert!(error.contains(&expected), "{line:?}: {error}");
        *found += 1;
    }

    for subcommand in command.get_subcommands() {
        check_choices(subcommand, &[words, &[subcommand.get_name()]].concat(), found);
    }
}

/// The long help of a command of `nosana job`.
fn render_help(command: &str) -> String {
    let mut cli = Cli::command();
    let job = cli.find_subcommand_mut("job").unwrap();
    job.find_subcommand_mut(command).unwrap().render_long_help().to_string()
}
