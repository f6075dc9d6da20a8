//! Definitions in Nosana's published schema, version 0.1, which has containers only.
//!
//! ```json
//! {
//!   "version": "0.1",
//!   "type": "container",
//!   "ops": [
//!     {
//!       "type": "container/run",
//!       "id": "hello",
//!       "args": { "image": "ubuntu", "cmd": "echo hello" }
//!     }
//!   ]
//! }
//! ```
//!
//! They are read as `nosana/1` with `container/run`. Unknown fields are refused.
//!
//! | module | purpose |
//! | --- | --- |
//! | `document` | the types of that schema |
//! | `convert` | JSON of that schema to a `JobDefinition` |
//! | `variables` | fills in `%%global.variables.NAME%%` |
//! | `placeholders` | where values of other operations may stand |
//! | `ports` | ports that are texts |
//! | `system_needs` | what the node must have |
//! | `unique_fields` | refuses a field that an object has twice |

pub(crate) mod convert;
pub(crate) mod document;
mod placeholders;
mod ports;
pub(super) mod system_needs;
mod unique_fields;
mod variables;
