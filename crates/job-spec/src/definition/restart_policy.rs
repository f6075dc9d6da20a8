//! Whether a container is started again after it has ended.

use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{
    checks::check_range,
    error::{DefinitionError, refuse_field},
};

/// The most times that a policy can have a container started again.
pub const MAX_RESTART_TRIES: u32 = 1000;
/// The names of [`RestartTrigger`].
const TRIGGERS: &str = "^(no|always|unless-stopped|on-failure)$";

/// When a container is started again, and how often at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RestartPolicy {
    /// After which ends.
    pub trigger: RestartTrigger,
    /// How often at most; `None` has no bound but the end of the job.
    pub tries: Option<u32>,
}

/// After which ends a container is started again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RestartTrigger {
    /// None.
    #[default]
    No,
    /// All.
    Always,
    /// All, as [`Always`](Self::Always): only the end of the job stops a container.
    UnlessStopped,
    /// An exit code other than 0, and a limit other than that of time.
    OnFailure,
}

/// The form with a number of tries.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyObject {
    policy: RestartTrigger,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    restart_tries: Option<u32>,
}

impl RestartPolicy {
    /// Whether it is that of a container without any.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a container that ended so is started again, after it was `restarts` times.
    pub fn applies_to(&self, has_failed: bool, restarts: u32) -> bool {
        let is_triggered = match self.trigger {
            RestartTrigger::No => false,
            RestartTrigger::Always | RestartTrigger::UnlessStopped => true,
            RestartTrigger::OnFailure => has_failed,
        };
        is_triggered && self.tries.is_none_or(|tries| restarts < tries)
    }

    /// Whether only the end of the job, or of its time, ends the container for good.
    pub fn is_endless(&self) -> bool {
        self.tries.is_none() && self.applies_to(false, 0)
    }

    /// Validates the number of tries. `pointer` is the policy's place in the definition.
    pub(super) fn validate_policy(&self, pointer: &str) -> Result<(), DefinitionError> {
        let pointer = format!("{pointer}/restart_tries");

        if self.trigger == RestartTrigger::No && self.tries.is_some() {
            return refuse_field(
                pointer,
                "is for the policies `on-failure`, `always` and `unless-stopped`; remove it",
            );
        }
        check_range(&pointer, self.tries.map(u64::from), 1, u64::from(MAX_RESTART_TRIES))
    }
}

/// A policy without a number of tries is its name, another one an object.
impl Serialize for RestartPolicy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.tries {
            None => self.trigger.serialize(serializer),
            Some(_) => PolicyObject { policy: self.trigger, restart_tries: self.tries }
                .serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for RestartPolicy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PolicyVisitor)
    }
}

struct PolicyVisitor;

impl<'de> de::Visitor<'de> for PolicyVisitor {
    type Value = RestartPolicy;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a restart policy, or an object with `policy` and `restart_tries`")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<RestartPolicy, E> {
        let trigger = RestartTrigger::deserialize(de::value::StrDeserializer::<E>::new(text))?;
        Ok(RestartPolicy { trigger, tries: None })
    }

    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<RestartPolicy, A::Error> {
        let PolicyObject { policy, restart_tries } =
            PolicyObject::deserialize(de::value::MapAccessDeserializer::new(map))?;
        Ok(RestartPolicy { trigger: policy, tries: restart_tries })
    }
}

/// Rules for a text and for an object in one schema: problems are reported at the field itself,
/// which a choice between two schemas does not allow.
impl JsonSchema for RestartPolicy {
    fn schema_name() -> Cow<'static, str> {
        "RestartPolicy".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Whether a container is started again after it has ended: `no`, \
                            `always`, `unless-stopped` or `on-failure`, or an object with that as \
                            `policy` and how often at most.",
            "type": ["string", "object"],
            "pattern": TRIGGERS,
            "required": ["policy"],
            "additionalProperties": false,
            "properties": {
                "policy": { "type": "string", "pattern": TRIGGERS },
                "restart_tries": {
                    "type": ["integer", "null"],
                    "minimum": 1,
                    "maximum": MAX_RESTART_TRIES,
                },
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, from_value, json, to_value};

    use super::*;

    fn read(value: Value) -> RestartPolicy {
        let policy: RestartPolicy = from_value(value.clone()).unwrap();
        assert_eq!(to_value(policy).unwrap(), value, "it is written as it is read");
        policy
    }

    #[test]
    fn a_policy_has_two_forms() {
        assert!(read(json!("no")).is_default());
        assert_eq!(read(json!("unless-stopped")).trigger, RestartTrigger::UnlessStopped);
        let bounded = read(json!({ "policy": "on-failure", "restart_tries": 3 }));
        assert_eq!((bounded.trigger, bounded.tries), (RestartTrigger::OnFailure, Some(3)));

        let unbounded: RestartPolicy = from_value(json!({ "policy": "always" })).unwrap();
        assert_eq!(unbounded, read(json!("always")));
        for wrong in [json!("sometimes"), json!({}), json!({ "policy": "no", "a": 1 }), json!(3)] {
            assert!(from_value::<RestartPolicy>(wrong.clone()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_policy_decides_by_the_end_and_the_tries() {
        let failures = read(json!({ "policy": "on-failure", "restart_tries": 2 }));
        assert!(!failures.applies_to(false, 0));
        assert!(failures.applies_to(true, 1) && !failures.applies_to(true, 2));

        for name in ["always", "unless-stopped"] {
            let always = read(json!(name));
            assert!(always.applies_to(false, 9) && always.applies_to(true, 9));
            assert!(always.is_endless());
        }
        assert!(!read(json!("no")).applies_to(true, 0));
        assert!(!read(json!("on-failure")).is_endless());
        assert!(!read(json!({ "policy": "always", "restart_tries": 1 })).is_endless());
    }

    #[test]
    fn tries_are_bounded_and_need_a_policy() {
        let check = |value: Value| {
            let policy: RestartPolicy = from_value(value).unwrap();
            policy.validate_policy("/p").map_err(|error| error.to_string())
        };
        assert_eq!(check(json!({ "policy": "always", "restart_tries": 1000 })), Ok(()));
        for (tries, policy, expected) in [
            (0, "on-failure", "/p/restart_tries: is 0; 1 to 1000 are allowed"),
            (1001, "on-failure", "/p/restart_tries: is 1001; 1 to 1000 are allowed"),
            (1, "no", "/p/restart_tries: is for the policies `on-failure`"),
        ] {
            let error = check(json!({ "policy": policy, "restart_tries": tries })).unwrap_err();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
