//! Reading the command line: variables that are set to nothing, and errors that help.

use std::{
    ffi::{OsStr, OsString},
    fmt::Write,
};

use clap::{
    Arg, Command, Error,
    error::{ContextKind, ContextValue, ErrorKind},
};

/// Adds to a command and all below it what holds for every option.
///
/// - A variable that is set to nothing counts as not set: CI systems and compose files define
///   variables that nobody filled in.
/// - A negative number is a value, not an option, so that the error names the option before it.
pub fn adapt_command(command: Command) -> Command {
    let is_empty = |name: &OsStr| std::env::var_os(name).is_some_and(|value| value.is_empty());

    command.mut_args(|arg| adapt_argument(arg, is_empty)).mut_subcommands(adapt_command)
}

fn adapt_argument(arg: Arg, is_empty: impl Fn(&OsStr) -> bool) -> Arg {
    let ignores_variable = arg.get_env().is_some_and(is_empty);
    let takes_value = arg.get_action().takes_values();

    let arg = if ignores_variable { arg.env(None::<&'static str>) } else { arg };
    if takes_value { arg.allow_negative_numbers(true) } else { arg }
}

/// Returns what the error does not say by itself; empty if it says everything.
pub fn explain_further(error: &Error, command: &Command, arguments: &[OsString]) -> String {
    match error.kind() {
        ErrorKind::ValueValidation | ErrorKind::InvalidValue => explain_negative(error),
        ErrorKind::InvalidSubcommand => list_subcommands(command, arguments),
        _ => String::new(),
    }
}

fn explain_negative(error: &Error) -> String {
    let Some(ContextValue::String(value)) = error.get(ContextKind::InvalidValue) else {
        return String::new();
    };
    let is_negative = value
        .strip_prefix('-')
        .is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit() || first == '.'));

    if is_negative {
        format!("\n`{value}` is negative; amounts, times and counts are not: leave out the minus\n")
    } else {
        String::new()
    }
}

/// Lists the subcommands of the last command that the arguments name.
fn list_subcommands(command: &Command, arguments: &[OsString]) -> String {
    let mut named = command;
    for argument in arguments.iter().skip(1) {
        let Some(next) = argument.to_str().and_then(|name| named.find_subcommand(name)) else {
            break;
        };
        named = next;
    }

    let mut text = format!("\nCommands of `{}`:", named.get_name());
    for subcommand in named.get_subcommands().filter(|subcommand| !subcommand.is_hide_set()) {
        let _ = write!(text, " {}", subcommand.get_name());
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use clap::value_parser;

    use super::*;

    fn example() -> Command {
        let seconds = Arg::new("seconds").long("seconds").value_parser(value_parser!(u64));
        let place = Arg::new("place").long("place").env("NOSANA_TEST_PLACE");
        Command::new("example")
            .subcommand(Command::new("one").arg(seconds).arg(place))
            .subcommand(Command::new("two").subcommand(Command::new("three")))
    }

    fn explain(line: &str) -> String {
        let command = adapt_command(example());
        let arguments: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let error = command.clone().try_get_matches_from(&arguments).unwrap_err();
        format!("{error}{}", explain_further(&error, &command, &arguments))
    }

    #[test]
    fn a_negative_number_is_named_with_its_option() {
        let error = explain("example one --seconds -5");
        assert!(error.contains("--seconds") && error.contains("`-5` is negative"), "{error}");
        assert!(!explain("example one --seconds five").contains("negative"));
        assert!(!explain("example one -x").contains("negative"));
    }

    #[test]
    fn an_unknown_command_gets_the_list() {
        assert!(explain("example four").contains("Commands of `example`: one two"));
        assert!(explain("example two four").contains("Commands of `two`: three"));
    }

    #[test]
    fn a_variable_that_is_set_to_nothing_counts_as_not_set() {
        let place = || Arg::new("place").env("NOSANA_TEST_PLACE");
        assert!(adapt_argument(place(), |_| true).get_env().is_none());
        assert!(adapt_argument(place(), |_| false).get_env().is_some());
    }
}
