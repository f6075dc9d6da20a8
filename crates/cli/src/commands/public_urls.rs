//! The public URLs of a job's ports, through a gateway that the user names.

use std::time::{Duration, Instant};

use clap::Args;
use nosana_client::jobs::accounts::Job;
use nosana_gateway::{GatewayUrl, JobHost};
use nosana_job_spec::{ContentId, JobDefinition};
use nosana_protocol::job::State;
use nosana_store::{Store, StoreError};
use serde::Serialize;
use solana_address::Address;

/// The longest time to wait for a definition that is not on this machine.
const DEFINITION_TIMEOUT: Duration = Duration::from_secs(5);

/// A gateway.
#[derive(Clone, Debug, Args)]
pub struct GatewayOptions {
    /// URL of a gateway, such as https://jobs.example.com, to print the public URLs of public ports
    #[arg(long, env = "NOSANA_GATEWAY", value_name = "URL")]
    pub gateway: Option<GatewayUrl>,
}

/// A port that anybody may use, and where a browser opens it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PublicUrl {
    /// The port of the job.
    pub port: u16,
    /// What `nosana gateway url` prints for it.
    pub url: String,
}

/// Whether a gateway can lead to the job now or later: it waits or runs.
pub fn is_reachable(job: &Job) -> bool {
    match State::from_byte(job.state) {
        Some(State::Queued | State::Matched | State::Running) => true,
        Some(State::Submitted | State::Challenged | State::Settled) | None => false,
    }
}

/// Reads which ports a definition makes public. Waits some seconds for a definition that is not on
/// this machine.
///
/// # Errors
/// If the definition cannot be read.
pub fn read_public_ports(store: Store, definition: &ContentId) -> Result<Vec<u16>, StoreError> {
    let store = store.with_deadline(Instant::now() + DEFINITION_TIMEOUT);
    Ok(list_public_ports(&store.get_definition(definition)?))
}

/// The public URLs of these ports of a job.
pub fn list_urls(gateway: &GatewayUrl, job: Address, ports: &[u16]) -> Vec<PublicUrl> {
    let public_url = |port: u16| PublicUrl { port, url: gateway.job_url(JobHost { job, port }) };
    ports.iter().copied().map(public_url).collect()
}

fn list_public_ports(definition: &JobDefinition) -> Vec<u16> {
    let exposed = definition.exposed_ports().into_iter();
    exposed.filter(|port| port.public).map(|port| port.port).collect()
}

#[cfg(test)]
mod tests {
    use nosana_client::ProgramAccount;
    use serde_json::{Value, json};

    use super::*;

    fn definition(expose: Value) -> Value {
        let steps = json!([{ "name": "serve", "run": "serve" }]);
        let args = json!({ "steps": steps, "expose": expose });
        let ops = json!([{ "id": "web", "type": "command/run", "args": args }]);
        json!({ "version": "nosana/1", "ops": ops })
    }

    #[test]
    fn only_public_ports_of_a_definition_have_urls() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let read = |expose: Value| {
            let id = store.put_json(&definition(expose)).unwrap();
            read_public_ports(store.clone(), &id).unwrap()
        };
        let public = |port: u16| json!({ "port": port, "public": true });
        assert_eq!(read(json!([public(9000), 22, public(8080)])), [8080, 9000]);
        assert!(read(json!([8080])).is_empty());
        assert!(read(json!([])).is_empty());

        let unknown = ContentId::from_digest([9; 32]);
        assert!(read_public_ports(store, &unknown).is_err(), "nothing is guessed");
    }

    #[test]
    fn the_urls_are_those_of_the_gateway() {
        let gateway: GatewayUrl = "https://jobs.example.com".parse().unwrap();
        let job = Address::new_from_array([7; 32]);
        let urls = list_urls(&gateway, job, &[80, 8080]);
        for (url, port) in urls.iter().zip([80, 8080]) {
            assert_eq!(url.port, port);
            assert_eq!(url.url, gateway.job_url(JobHost { job, port }));
        }
        assert_eq!(urls.len(), 2);
        assert!(list_urls(&gateway, job, &[]).is_empty());
    }

    #[test]
    fn a_job_that_is_over_has_no_url() {
        let zeroed = [Job::DISCRIMINATOR, &vec![0; Job::SIZE - 8]].concat();
        let zeroed = Job::from_data(&zeroed).unwrap();
        let is_reachable_in = |state: State| is_reachable(&Job { state: state as u8, ..zeroed });
        assert!([State::Queued, State::Matched, State::Running].into_iter().all(is_reachable_in));
        assert!(
            ![State::Submitted, State::Challenged, State::Settled].into_iter().any(is_reachable_in)
        );
    }
}
