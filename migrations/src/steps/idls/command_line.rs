//! The command line of the official client of the program-metadata program, an npm package.

use std::{ffi::OsString, path::Path};

use super::Idl;

/// The npm package. The versions of its dependencies are those that npm chooses.
pub const PACKAGE: &str = "@solana-program/program-metadata@0.7.0";
/// The name under which the program keeps IDLs.
pub(super) const SEED: &str = "idl";

/// What the client does with a program's IDL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Prints what the chain holds.
    Fetch,
    /// Deletes what the chain holds, and returns its rent.
    Close,
    /// Writes the file, over what the chain holds.
    Write,
}

impl Action {
    /// Returns the client's command, which is also the verb of messages.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Fetch => "fetch",
            Self::Close => "close",
            Self::Write => "write",
        }
    }
}

/// How the client reaches the cluster and signs.
pub(super) struct MetadataClient<'a> {
    pub rpc_url: &'a str,
    /// File of the upgrade authority's key.
    pub keypair_file: &'a Path,
}

impl MetadataClient<'_> {
    /// Returns the arguments of npx.
    pub(super) fn list_arguments(&self, idl: &Idl, action: Action) -> Vec<OsString> {
        let package = format!("--package={PACKAGE}");
        let runner = ["--yes", &package, "--", "program-metadata", "--rpc", self.rpc_url];
        let mut arguments: Vec<OsString> = runner.iter().map(OsString::from).collect();
        if action != Action::Fetch {
            arguments.push(OsString::from("--keypair"));
            arguments.push(OsString::from(self.keypair_file));
        }

        let program = idl.program.to_string();
        arguments.extend([action.name(), SEED, &program].iter().map(OsString::from));
        if action == Action::Write {
            arguments.push(OsString::from(&idl.file));
        }
        arguments
    }

    /// Returns the command of an action for an operator to run. The URL may contain an API key, so
    /// it is a variable.
    pub(super) fn describe_command(&self, idl: &Idl, action: Action) -> String {
        let mut command = "npx".to_owned();
        for argument in self.list_arguments(idl, action) {
            let argument = argument.to_string_lossy();
            command.push(' ');
            if argument == self.rpc_url {
                command.push_str("\"$RPC_URL\"");
            } else {
                command.push_str(&quote_argument(&argument));
            }
        }
        command
    }
}

/// Quotes an argument for a shell where that is necessary.
fn quote_argument(argument: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=@:".contains(c);
    if argument.chars().all(is_plain) {
        return argument.to_owned();
    }
    format!("'{}'", argument.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use nosana_client::jobs;

    use super::*;

    const URL: &str = "https://rpc.example.com/?api-key=secret";
    const KEY: &str = "/keys/the deployer's.json";

    fn jobs_idl() -> Idl {
        Idl { name: "jobs", program: jobs::ID, file: "idl/jobs.json".into() }
    }

    fn client() -> MetadataClient<'static> {
        MetadataClient { rpc_url: URL, keypair_file: Path::new(KEY) }
    }

    #[test]
    fn only_what_changes_the_chain_gets_the_key() {
        let package = format!("--package={PACKAGE}");
        let runner = ["--yes", &package, "--", "program-metadata", "--rpc", URL];
        let program = jobs::ID.to_string();
        let program = program.as_str();

        let cases = [
            (Action::Fetch, vec!["fetch", "idl", program]),
            (Action::Close, vec!["--keypair", KEY, "close", "idl", program]),
            (Action::Write, vec!["--keypair", KEY, "write", "idl", program, "idl/jobs.json"]),
        ];
        for (action, rest) in cases {
            let arguments = client().list_arguments(&jobs_idl(), action);
            assert_eq!(arguments, [&runner[..], &rest[..]].concat(), "{action:?}");
        }
    }

    #[test]
    fn a_command_for_the_operator_is_quoted_and_has_no_api_key() {
        let expected = format!(
            "npx --yes --package={PACKAGE} -- program-metadata --rpc \"$RPC_URL\" --keypair \
             '/keys/the deployer'\\''s.json' write idl {} idl/jobs.json",
            jobs::ID
        );
        assert_eq!(client().describe_command(&jobs_idl(), Action::Write), expected);
    }
}
