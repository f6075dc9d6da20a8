//! Whether a deployment is private. It is one or the other: who adds or forgets `--private` must
//! not get replicas of both kinds.

use anyhow::{Result, ensure};
use nosana_protocol::units::UnixTimestamp;

use super::{record::DeploymentRecord, replica::Replica};

/// Checks that the replicas which exist are as private as those that this command lists.
///
/// # Errors
/// If one is not.
pub fn check_visibility(name: &str, is_private: bool, replicas: &[Replica]) -> Result<()> {
    let mut active = replicas.iter().filter(|replica| replica.is_active());
    let is_uniform = active.all(|replica| replica.is_private == is_private);

    let (existing, option) = if is_private { ("public", "without") } else { ("private", "with") };
    ensure!(
        is_uniform,
        "replicas of the deployment `{name}` are {existing}: start it {option} --private, end them \
         with `nosana deploy stop {name}`, or give another --name"
    );
    Ok(())
}

/// Checks that the deployment of an earlier start, if its time is not over, is as private as this
/// one: while none of its replicas is left, the chain does not say it.
///
/// # Errors
/// If it is not.
pub fn check_record(
    name: &str,
    is_private: bool,
    earlier: Option<&DeploymentRecord>,
    now: UnixTimestamp,
) -> Result<()> {
    let current = earlier.filter(|record| now.0 < record.ends_at);
    let was_private = current.and_then(|record| record.is_private).unwrap_or(is_private);

    let (existing, option) = if is_private { ("public", "without") } else { ("private", "with") };
    ensure!(
        was_private == is_private,
        "the deployment `{name}` is {existing} and its time is not over: start it {option} \
         --private, end it with `nosana deploy stop {name}`, or give another --name"
    );
    Ok(())
}

/// Who can read the content of replicas; `None` if there are none.
pub fn describe_visibility(replicas: &[&Replica]) -> Option<&'static str> {
    if replicas.is_empty() {
        return None;
    }

    Some(match replicas.iter().filter(|replica| replica.is_private).count() {
        0 => "public",
        count if count == replicas.len() => "private: only for you and the nodes that run it",
        _ => "of some replicas private, of others public",
    })
}

/// What becomes of the replicas when this command ends before the deployment.
pub fn describe_absence(name: &str, is_private: bool) -> String {
    let waiting = if is_private {
        "; nodes cannot start those that wait, because they get the content from this command alone"
    } else {
        ""
    };

    format!(
        "the replicas run on until their paid time is over; the same command goes on, `nosana \
         deploy stop {name}` ends them{waiting}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::deploy::replica::Phase;

    fn replica(is_private: bool, phase: Phase) -> Replica {
        Replica { is_private, ..Replica::with_phase(1, phase) }
    }

    #[test]
    fn a_deployment_is_not_partly_private() {
        let refused = |is_private, replicas: &[Replica]| {
            check_visibility("web", is_private, replicas).err().map(|error| error.to_string())
        };
        let [public, private] = [false, true].map(|is| replica(is, Phase::Waiting));
        let over = replica(false, Phase::Over);

        assert_eq!(refused(true, &[private, over]), None);
        assert_eq!(refused(false, &[public]), None);
        assert!(refused(true, &[private, public]).unwrap().contains("are public"));
        assert!(refused(false, &[private]).unwrap().contains("start it with --private"));
    }

    #[test]
    fn a_restart_does_not_publish_a_private_deployment() {
        let earlier = DeploymentRecord::new(1, 100, true);
        let refused = |is_private, earlier: Option<&DeploymentRecord>, now| {
            let checked = check_record("web", is_private, earlier, UnixTimestamp(now));
            checked.err().map(|error| error.to_string())
        };

        assert!(refused(false, Some(&earlier), 99).unwrap().contains("start it with --private"));
        assert_eq!(refused(true, Some(&earlier), 99), None);
        assert_eq!(refused(false, Some(&earlier), 100), None, "its time is over");
        let mut unknown = earlier.clone();
        unknown.is_private = None;
        assert_eq!(refused(false, Some(&unknown), 99), None);
        assert_eq!(refused(false, None, 99), None);
    }

    #[test]
    fn who_can_read_it_is_said() {
        let [public, private] = [false, true].map(|is| replica(is, Phase::Waiting));
        assert_eq!(describe_visibility(&[]), None);
        assert_eq!(describe_visibility(&[&public]), Some("public"));
        assert!(describe_visibility(&[&private]).unwrap().starts_with("private"));
        assert!(describe_visibility(&[&private, &public]).unwrap().contains("others public"));
    }

    #[test]
    fn only_private_replicas_need_this_command() {
        assert!(describe_absence("web", true).contains("cannot start"));
        assert!(!describe_absence("web", false).contains("cannot start"));
        assert!(describe_absence("web", false).contains("nosana deploy stop web"));
    }
}
