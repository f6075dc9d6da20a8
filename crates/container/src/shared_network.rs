//! One network for all containers of a job, in which they reach each other's ports.
//!
//! It belongs to a container that only waits, because networks end with their containers, and those
//! of a job begin and end at different times.

use crate::{
    ContainerError, ContainerJob, Engine,
    container::Container,
    leftovers::unique_name,
    ports::HOST_NETWORK,
    trial::TRIAL_LIMITS,
    trial_image::{NAME, PAUSE_PROGRAM},
};

impl ContainerJob<'_> {
    /// The address of each container for the others, once they share a network.
    pub const SHARED_HOST: &'static str = "127.0.0.1";

    /// Lets the containers that this job starts from now on share one network. Observers reach
    /// `ports` in it. Containers in the host's network share that already.
    ///
    /// # Errors
    /// If the engine fails.
    pub fn share_network(&self, ports: &[u16]) -> Result<(), ContainerError> {
        if self.engine.network() == HOST_NETWORK || self.network.get().is_some() {
            return Ok(());
        }

        self.engine.import_trial_image()?;
        // It is removed on drop, even if it does not start.
        let holder = Container { engine: self.engine, name: unique_name(), network: None };
        let arguments = self.engine.holder_arguments(&holder.name, ports);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        self.engine.call(&arguments)?;
        self.engine.call(&["start", &holder.name])?;

        self.network.get_or_init(|| holder);
        Ok(())
    }

    /// The container that has the shared network.
    pub(crate) fn network_holder(&self) -> Option<&str> {
        self.network.get().map(|holder| holder.name.as_str())
    }
}

impl Engine {
    fn holder_arguments(&self, name: &str, ports: &[u16]) -> Vec<String> {
        let mut arguments =
            vec!["create".to_owned(), format!("--name={name}"), "--pull=never".to_owned()];

        arguments.extend(self.run_options());
        arguments.extend(self.network_options(None));
        arguments.extend(self.port_options(ports));
        arguments.extend(TRIAL_LIMITS.map(str::to_owned));
        arguments.extend([NAME, PAUSE_PROGRAM].map(str::to_owned));
        arguments
    }
}
