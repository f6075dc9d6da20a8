//! The server with real models, over HTTP on the loopback address.
//!
//! | module | purpose |
//! | --- | --- |
//! | `server` | a server for one test, and a client |
//! | `events` | reads server-sent events |
//! | `chats` | chats, whole and in parts |
//! | `completions` | continuations of texts |
//! | `embeddings` | vectors of texts |
//! | `refusals` | what is refused, and how |
//! | `life` | clients that leave, many clients, and the end of a server |

mod chats;
mod completions;
mod embeddings;
mod events;
mod life;
mod refusals;
mod server;
