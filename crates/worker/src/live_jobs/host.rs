//! Serves logs and ports to clients over the network.

use std::io::ErrorKind;

use nosana_net::{
    access::JobParties,
    job::{HostError, JobHost, PortStatus, PortUser, RefusalReason},
    logs::LogBuffer,
};
use solana_address::Address;
use tokio::net::TcpStream;

use super::{
    check::connect_port,
    registry::{LiveEntry, LiveJobs},
};

impl LiveJobs {
    fn find_job(&self, job: &Address) -> Result<LiveEntry, HostError> {
        self.find_entry(job).ok_or_else(|| RefusalReason::NotRunning.into())
    }

    fn find_running(&self, job: &Address) -> Result<LiveEntry, HostError> {
        let entry = self.find_job(job)?;
        if entry.has_ended() { Err(RefusalReason::Ended.into()) } else { Ok(entry) }
    }
}

impl JobHost for LiveJobs {
    async fn find_parties(&self, job: &Address) -> Result<JobParties, HostError> {
        Ok(self.find_job(job)?.parties)
    }

    async fn find_logs(&self, job: &Address) -> Result<LogBuffer, HostError> {
        Ok(self.find_job(job)?.run.log().clone())
    }

    async fn connect_port(
        &self,
        job: &Address,
        port: u16,
        user: PortUser,
    ) -> Result<TcpStream, HostError> {
        let run = self.find_running(job)?.run;
        let found = run.find_port(port).ok_or(RefusalReason::NotExposed)?;
        let access = found.access().ok_or(RefusalReason::NotListening)?;

        let connected = connect_port(access, port, &found.run_dials, user).await;
        connected.map_err(|error| match error.kind() {
            ErrorKind::ConnectionRefused => RefusalReason::NotListening.into(),
            ErrorKind::ResourceBusy => {
                HostError { reason: RefusalReason::Busy, detail: error.to_string() }
            }
            _ => HostError { reason: RefusalReason::NotListening, detail: error.to_string() },
        })
    }

    async fn list_ports(&self, job: &Address) -> Result<Vec<PortStatus>, HostError> {
        let run = self.find_running(job)?.run;
        let ports = run.ports().map(|port| PortStatus {
            port: port.number(),
            is_ready: port.is_ready(),
            is_public: port.settings.public,
            name: port.settings.name.clone().unwrap_or_default(),
        });
        Ok(ports.collect())
    }

    async fn wait_for_end(&self, job: &Address) {
        if let Ok(entry) = self.find_running(job) {
            entry.run.wait_for_end().await;
        }
    }
}
