//! The steps of `cargo xtask test` and `cargo xtask check`.

use anyhow::Result;

use super::{
    bucket_checks, cargo_checks, container_checks, host_checks, namespace_checks, node_checks,
    openai_checks, python_checks, relay_checks,
    step::{Outcome, RunsIn, Step},
    vulkan_checks,
};
use crate::{build, idl, sbf, setup, style};

/// All steps, in order.
pub const STEPS: &[Step] = &[
    Step {
        name: "setup",
        about: "system packages, a container engine, Chromium and Node.js are installed",
        runs_in: RunsIn::Test,
        is_parallel: false,
        run: || passed(setup::install_everything()),
    },
    Step {
        name: "fmt",
        about: "both workspaces are formatted",
        runs_in: RunsIn::Both,
        is_parallel: false,
        run: || passed(cargo_checks::check_format()),
    },
    Step {
        name: "spelling",
        about: "the spelling is American English, by _typos.toml",
        runs_in: RunsIn::Both,
        is_parallel: false,
        run: || passed(style::check_spelling()),
    },
    Step {
        name: "wording",
        about: "the text has no wording that xtask/wording.txt refuses",
        runs_in: RunsIn::Both,
        is_parallel: false,
        run: || passed(style::check_wording()),
    },
    Step {
        name: "style",
        about: "the figures of STYLE.md are within their bounds",
        runs_in: RunsIn::Both,
        is_parallel: false,
        run: || passed(style::check_figures()),
    },
    Step {
        name: "protocol",
        about: "clippy and unit tests of the protocol crate pass",
        runs_in: RunsIn::Check,
        is_parallel: false,
        run: || passed(cargo_checks::test_protocol()),
    },
    Step {
        name: "build-programs",
        about: "every program compiles for the chain",
        runs_in: RunsIn::Test,
        is_parallel: false,
        run: || passed(build::build_programs(sbf::Choice::Auto)),
    },
    Step {
        name: "programs-lint",
        about: "clippy passes on the on-chain workspace",
        runs_in: RunsIn::Both,
        is_parallel: false,
        run: || passed(cargo_checks::lint_programs()),
    },
    Step {
        name: "programs-test",
        about: "unit tests of the on-chain workspace pass",
        runs_in: RunsIn::Both,
        is_parallel: false,
        run: || passed(cargo_checks::test_programs()),
    },
    Step {
        name: "idl",
        about: "the committed IDLs match the code",
        runs_in: RunsIn::Test,
        is_parallel: false,
        run: || passed(idl::check_idls()),
    },
    Step {
        name: "build",
        about: "the host workspace and its tests compile, and clippy passes on them",
        runs_in: RunsIn::Test,
        is_parallel: false,
        run: || passed(cargo_checks::build_host()),
    },
    Step {
        name: "containers",
        about: "a container engine works here, so that tests of containers run",
        runs_in: RunsIn::Test,
        is_parallel: false,
        run: container_checks::test_engine,
    },
    Step {
        name: "test",
        about: "tests of the host workspace pass with the compiled programs, \
                those of the programs also with every runtime feature",
        runs_in: RunsIn::Test,
        is_parallel: false,
        run: host_checks::test_host,
    },
    Step {
        name: "relay",
        about: "endpoints reach each other over a relay: the program that others host",
        runs_in: RunsIn::Test,
        is_parallel: false,
        run: relay_checks::test_relay,
    },
    Step {
        name: "namespaces",
        about: "a client and a node that share no network interface find each other",
        runs_in: RunsIn::Test,
        is_parallel: false,
        run: namespace_checks::test_namespaces,
    },
    Step {
        name: "typescript",
        about: "a TypeScript client that is built only from the IDL passes its tests",
        runs_in: RunsIn::Test,
        is_parallel: true,
        run: node_checks::test_typescript,
    },
    Step {
        name: "typescript-client",
        about: "the TypeScript client is generated from the IDLs and passes its tests",
        runs_in: RunsIn::Test,
        is_parallel: true,
        run: || passed(node_checks::test_typescript_client()),
    },
    Step {
        name: "python",
        about: "the Python client matches the IDLs and passes its tests",
        runs_in: RunsIn::Test,
        is_parallel: true,
        run: || passed(python_checks::test_python()),
    },
    Step {
        name: "explorer",
        about: "the page of `nosana explorer` is built and passes its tests, also in Chromium",
        runs_in: RunsIn::Test,
        is_parallel: true,
        run: node_checks::test_explorer,
    },
    Step {
        name: "ipfs",
        about: "the stores exchange content with js-ipfs nodes",
        runs_in: RunsIn::Test,
        is_parallel: false,
        run: || passed(node_checks::test_ipfs()),
    },
    Step {
        name: "openai",
        about: "the official Python client of OpenAI works with the inference server",
        runs_in: RunsIn::Test,
        is_parallel: false,
        run: || passed(openai_checks::test_openai()),
    },
    Step {
        name: "buckets",
        about: "nodes fetch objects of moto's S3 server",
        runs_in: RunsIn::Test,
        is_parallel: false,
        run: || passed(bucket_checks::test_buckets()),
    },
    Step {
        name: "vulkan",
        about: "models give the same answers by Vulkan, on its driver for the CPU, also in jobs",
        runs_in: RunsIn::Test,
        is_parallel: false,
        run: vulkan_checks::test_vulkan,
    },
];

/// Converts the result of a check that is never skipped.
fn passed(result: Result<()>) -> Result<Outcome> {
    result.map(|()| Outcome::Passed)
}
