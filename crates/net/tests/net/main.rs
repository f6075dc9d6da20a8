//! Endpoints, content, logs and ports over real connections on the loopback interface. Nothing
//! outside this machine is contacted: relays are off, or run in the test itself. Those with a relay
//! require `--features relay-tests`.

mod attacks_on_content;
mod attacks_on_jobs;
mod content;
mod fixture;
mod forwarding;
mod logs;
mod private_content;
#[cfg(feature = "relay-tests")]
mod relay;
mod transport;
mod visitors;
