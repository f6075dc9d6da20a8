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
//! They are read as `nosana/1` with `container/run`. Fields that request published ports
//! (`expose`), files of others (`resources`) or a password (`authentication`) are refused, as are
//! all unknown fields and placeholders such as `%%ops.a.host%%`.
//!
//! | module | purpose |
//! | --- | --- |
//! | `document` | the types of that schema |
//! | `convert` | JSON of that schema to a `JobDefinition` |
//! | `placeholders` | refuses values that nodes would have to fill in |

pub(super) mod convert;
pub(crate) mod document;
mod placeholders;
