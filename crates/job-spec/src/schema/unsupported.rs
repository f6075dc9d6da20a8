//! Fields and values that definitions for other software have, and that nodes do not support: why,
//! and what to do instead.

use serde_json::Value;

/// The name of a field that other software replaces by an object or a list.
pub(crate) const SPREAD_FIELD: &str = "__spread__";
/// Why no object is inserted into another one.
pub(crate) const NO_SPREAD: &str = "is not supported: variables are texts, and nodes insert no \
                                    objects or lists; write the fields here instead";

/// Where the ports of a container are.
const USE_EXPOSE: &str = "is not a known field; use `expose`, with the ports on which the \
                          container listens, such as `\"expose\": [8000]`";
/// Why no definition carries a password or a token, and what its author does instead.
const NO_REGISTRY_LOGIN: &str = "is not supported: everybody can read most definitions, and nodes \
                                 use no passwords of clients; remove it, and name an image that \
                                 is pulled without a login";
const NO_BUCKET_KEYS: &str = "is not supported: everybody can read most definitions, and nodes \
                              use no keys of clients; remove it, and name a bucket that is read \
                              without keys";
const NO_TOKEN: &str = "is not supported: everybody can read most definitions, and nodes use no \
                        tokens of clients; remove it, and name a repository that is read without \
                        a token";
/// A private job is private as a whole, and its listing says so. In the published schema, the field
/// is also one of an operation whose ports are not for everybody.
const PRIVATE_BY_OPTION: &str = "is not a part of the definition; remove it, and list the job with \
                                 `--private` to hide its content; strangers do not reach its \
                                 ports in any case, unless these have `public`";
const NO_BUCKETS: &str = "is not supported: a resource is one folder; remove it, and give each \
                          bucket a resource of its own, with its `url` and `target`";
const NO_ALIASES: &str = "is not supported: containers have no names in their network; remove it, \
                          and write `%%ops.ID.host%%` where another operation of the same group \
                          needs the address";
const NO_OPERATION_TIME: &str = "is not supported in version 0.1; remove it, and bound the time of \
                                 the job with `--timeout`, or write the definition in `nosana/1` \
                                 with `limits.timeout_seconds`";
const NO_SSH: &str = "is not supported: nodes open no shell; remove it, run an SSH server in the \
                      container, `expose` its port, and reach it with `nosana job connect`";
const NO_LOGISTICS: &str = "is not supported: nodes read definitions and results by their digests; \
                            remove it, and list the job with `--private` if only your client may \
                            read them";
const NO_WEBSOCKET: &str = "cannot be `websocket`: nodes check with `http` or `tcp`; use `tcp`, or \
                            `http` with a path that answers without an upgrade";
const NO_NODE_LOG: &str = "cannot search `nodeerr`: results are from what the container prints; \
                           use `stdout` and `stderr`, and read the node's own lines with `nosana \
                           job logs`";

/// Why the field `name` of the object at `parent` is unknown, and what to do.
pub(super) fn explain_field(parent: &str, name: &str) -> &'static str {
    match name {
        "ports" => USE_EXPOSE,
        "private" => PRIVATE_BY_OPTION,
        "authentication" => NO_REGISTRY_LOGIN,
        "IAM" => NO_BUCKET_KEYS,
        "accessToken" => NO_TOKEN,
        "buckets" => NO_BUCKETS,
        "aliases" => NO_ALIASES,
        "timeout" if parent.ends_with("/execution") => NO_OPERATION_TIME,
        "ssh" => NO_SSH,
        "logistics" => NO_LOGISTICS,
        SPREAD_FIELD => NO_SPREAD,
        _ => "is not a known field; correct its name or remove it",
    }
}

/// Why nodes do not support the refused `value` at `pointer`, and what to do; `None` if the
/// schema's own description is enough.
pub(super) fn explain_value(pointer: &str, value: &Value) -> Option<&'static str> {
    let is_check_type = pointer.contains("/health_checks/") && pointer.ends_with("/type");
    if is_check_type && value == "websocket" {
        return Some(NO_WEBSOCKET);
    }

    let streams = value.get("logType").and_then(Value::as_array);
    let names_node_log = streams.is_some_and(|streams| streams.iter().any(|it| it == "nodeerr"));
    (names_node_log && pointer.contains("/results/")).then_some(NO_NODE_LOG)
}
