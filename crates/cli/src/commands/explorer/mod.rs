//! `nosana explorer`: a page that shows the marketplace live, and the content of its jobs.
//!
//! The page reads the chain itself, from the RPC server and its websocket. This command serves its
//! files, and the store as a [content endpoint](crate::content_endpoint), on this machine only.
//!
//! | module | purpose |
//! | --- | --- |
//! | `page` | the files of the page |
//! | `server` | serves them |

mod page;
mod server;

use std::{net::Ipv4Addr, path::PathBuf};

use anyhow::{Context, Result};
use axum::middleware::from_fn;
use clap::Args;
use nosana_client::session::websocket_url;
use serde_json::json;
use tokio::net::TcpListener;

use self::{
    page::Page,
    server::{page_routes, protect_page, require_local_host},
};
use super::{connection::ConnectionOptions, size::ByteSize};
use crate::{
    content_endpoint::{BlockEndpoint, UploadBudget, block_routes},
    shutdown,
};

/// The page, and what it shows.
#[derive(Debug, Args)]
pub struct ExplorerOptions {
    /// Port on 127.0.0.1; 0 picks a free one
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Folder of the built page; defaults to the folder `explorer` beside this program, else to the
    /// page that was built in its source
    #[arg(long, value_name = "DIR")]
    page: Option<PathBuf>,
    /// Most content that pages of this machine may store until this command ends; 0 for none
    #[arg(long, value_name = "SIZE", default_value = "1GB")]
    uploads_max: ByteSize,
    #[command(flatten)]
    connection: ConnectionOptions,
}

/// Serves the page until a signal.
pub async fn serve_explorer(options: ExplorerOptions) -> Result<()> {
    let page = Page::load(options.page.as_deref())?;
    let url = options.connection.find_url()?;
    let ws = websocket_url(&url).ok();
    let store = options.connection.open_store()?;

    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await;
    let listener = listener.with_context(|| {
        format!("cannot listen on port {}; choose another with --port", options.port)
    })?;
    let address = format!("http://{}", listener.local_addr()?);

    let config = json!({ "url": url, "ws": ws, "content": address }).to_string();
    let uploads = (options.uploads_max.0 > 0).then(|| UploadBudget::new(options.uploads_max.0));
    let routes = page_routes(page, config)
        .merge(block_routes(BlockEndpoint { store, uploads }))
        .layer(from_fn(require_local_host))
        .layer(from_fn(protect_page));

    println!("explorer   {address}");
    println!("network    {url}");
    println!("\nOpen it in a browser. Ctrl-C ends it.");
    axum::serve(listener, routes).with_graceful_shutdown(shutdown::wait_for_signal()).await?;
    Ok(())
}
