//! Serves the files of the page.

use std::sync::Arc;

use axum::{
    Router,
    extract::Request,
    http::{
        HeaderValue, StatusCode, Uri,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    middleware::Next,
    response::{IntoResponse, Response},
    routing::get,
};

use super::page::Page;
use crate::content_endpoint::names_this_machine;

/// The headers of every answer. The page signs transactions, so no other page may frame it or hold
/// its window. Its address may have the key of an RPC server, so no other server learns it.
const PROTECTION: [(&str, &str); 6] = [
    ("content-security-policy", "frame-ancestors 'none'"),
    ("cross-origin-opener-policy", "same-origin-allow-popups"),
    ("cross-origin-resource-policy", "same-origin"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
];

/// The routes of a page, with its configuration.
pub fn page_routes(page: Page, config: String) -> Router {
    let page = Arc::new(page);
    let config = Arc::new(config);

    Router::new()
        .route("/config.json", get(move || async move { send_config(&config) }))
        .fallback(get(move |uri: Uri| async move { send_file(&page, uri.path()) }))
}

/// Answers only requests that name this machine as their host: the configuration may have the key of
/// an RPC server, which no other site may read.
pub async fn require_local_host(request: Request, next: Next) -> Response {
    if names_this_machine(request.headers()) {
        return next.run(request).await;
    }
    let advice = "open the address that the command has printed\n";
    (StatusCode::MISDIRECTED_REQUEST, advice).into_response()
}

/// Adds the headers that keep other pages away.
pub async fn protect_page(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in PROTECTION {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn send_config(config: &str) -> Response {
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")];
    (headers, config.to_owned()).into_response()
}

fn send_file(page: &Page, path: &str) -> Response {
    let name = match path.trim_start_matches('/') {
        "" => "index.html",
        name => name,
    };
    let Some(bytes) = page.file(name) else {
        return (StatusCode::NOT_FOUND, "the page has no such file\n").into_response();
    };

    // The names of assets contain their hash.
    let caching =
        if name.starts_with("assets/") { "max-age=31536000, immutable" } else { "no-cache" };
    let headers = [(CONTENT_TYPE, content_type(name)), (CACHE_CONTROL, caching)];
    (headers, bytes.to_vec()).into_response()
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use axum::{middleware::from_fn, serve};
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::{TcpListener, TcpStream},
    };

    use super::*;

    #[tokio::test]
    async fn a_site_whose_name_leads_here_reads_nothing() {
        let config = r#"{"url":"https://rpc.example.com/?api-key=secret"}"#.to_owned();
        let routes = page_routes(Page::default(), config)
            .layer(from_fn(require_local_host))
            .layer(from_fn(protect_page));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { serve(listener, routes).await });

        let port = address.port();
        for (host, status, has_key) in [
            ("rebound.example.com", "421", false),
            ("localhost.example.com", "421", false),
            ("localhost", "200", true),
            ("127.0.0.1", "200", true),
        ] {
            let mut stream = TcpStream::connect(address).await.unwrap();
            let request = format!(
                "GET /config.json HTTP/1.1\r\nhost: {host}:{port}\r\nconnection: close\r\n\r\n"
            );
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();

            assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{host}: {answer}");
            assert_eq!(answer.contains("secret"), has_key, "{host}");
            for (name, value) in PROTECTION {
                assert!(answer.contains(&format!("{name}: {value}\r\n")), "{host}: {answer}");
            }
        }
    }

    #[test]
    fn files_have_the_type_that_browsers_require() {
        assert_eq!(content_type("assets/app-1a.js"), "text/javascript; charset=utf-8");
        assert_eq!(content_type("index.html"), "text/html; charset=utf-8");
        assert_eq!(content_type("LICENSE"), "application/octet-stream");
        let missing = send_file(&Page::default(), "/none.js");
        assert_eq!(missing.status(), StatusCode::NOT_FOUND);
    }
}
