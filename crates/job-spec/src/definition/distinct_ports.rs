//! One owner for each port of a job.

use super::{
    error::{DefinitionError, refuse_field},
    expose::ExposedPort,
    operation::Operation,
};

/// Checks that no two operations expose one port: the client chooses by the number alone.
pub(super) fn check_distinct_ports(ops: &[Operation]) -> Result<(), DefinitionError> {
    let mut owners: Vec<(u16, &str)> = Vec::new();

    for (index, operation) in ops.iter().enumerate() {
        for ExposedPort { port, .. } in operation.exposed_ports() {
            let owner = owners.iter().find(|(taken, _)| *taken == port);

            // Models are served one after the other, on one port.
            if let Some((_, owner)) = owner.filter(|_| operation.serving_args().is_none()) {
                return refuse_field(
                    format!("/ops/{index}/args/expose"),
                    format!("port {port} is already exposed by `{owner}`; use another port"),
                );
            }
            owners.push((port, operation.id()));
        }
    }
    Ok(())
}
