use clap::Parser;

use super::*;

#[derive(Parser)]
struct Command {
    #[command(flatten)]
    options: ScaleOptions,
}

fn parse(arguments: &str) -> Result<ScaleOptions, clap::Error> {
    let words = std::iter::once("scale").chain(arguments.split_whitespace());
    Command::try_parse_from(words).map(|command| command.options)
}

#[test]
fn a_comparison_takes_no_option_that_it_would_ignore() {
    for option in [
        "--quick",
        "--nodes 10",
        "--markets 1",
        "--slots 2",
        "--mean-life 9",
        "--seed 3",
        "--measured a",
        "--demo a",
        "--out b",
        "--open",
        "--quiet",
    ] {
        assert!(parse(option).is_ok(), "{option}");
        assert!(parse(&format!("--against c {option}")).is_err(), "{option}");
    }
    assert!(parse("--against c").is_ok());
}

#[test]
fn numbers_are_simulated_once_and_their_number_is_bounded() {
    let sweep = parse("--nodes 100,10,100 --markets 4,4,1").unwrap().build_sweep().unwrap();
    assert_eq!((sweep.nodes, sweep.markets), (vec![10, 100], vec![1, 4]));

    assert!(parse("--markets 1,2,3,4,5,6").unwrap().build_sweep().is_err());
    assert!(parse("--nodes 100000").is_ok() && parse("--nodes 100001").is_err());
}
