//! Many connections to one port of a job at once.

use std::{net::Ipv4Addr, sync::Arc};

use futures_util::future::join_all;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::Barrier,
    time::timeout,
};

use super::{ANSWER_TIMEOUT, done, exchange, free_port, job, list, site::Site, start_node};

const CONNECTIONS: usize = 100;

/// Answers no line before a hundred connections have sent one: they are open at once, from the
/// client to the job.
const SERVICE: &str = "
import asyncio
async def main():
    complete = asyncio.Event()
    lines = []
    async def serve(reader, writer):
        line = await reader.readline()
        # A health check sends nothing.
        if line:
            lines.append(line)
            if len(lines) == 100:
                complete.set()
            await complete.wait()
            writer.write(b'answer to ' + line)
            await writer.drain()
        writer.close()
    server = await asyncio.start_server(serve, '127.0.0.1', 8080)
    await server.serve_forever()
asyncio.run(main())
";

/// A line of 10 kB that no other connection sends.
fn line_of(number: usize) -> String {
    format!("{number:05}").repeat(2_000) + "\n"
}

/// Connects, sends a line once all others are connected, and returns everything that comes back.
async fn ask_at_once(port: u16, number: usize, barrier: &Barrier) -> String {
    let mut tcp = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
    barrier.wait().await;

    tcp.write_all(line_of(number).as_bytes()).await.unwrap();
    let mut answer = String::new();
    tcp.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_connections_are_open_at_once_and_each_gets_its_own_answer() {
    let site = Site::start(60, 0).await;
    let mut node = start_node(&site).await;
    let run = ["--service", "--timeout", "900", "--expose", "8080", "--", "python3", "-c", SERVICE];
    let name = list(&site, "run", &run).await.to_string();
    let port = free_port();
    let choice = format!("{port}:8080");
    let mut line = site.start_node(job(&site, "connect", &[&name, "--port", &choice, "--wait"]));
    line.says("leads to port 8080").await;

    // The node makes 16 connections to the job at a time.
    let barrier = Arc::new(Barrier::new(CONNECTIONS));
    let clients = (0..CONNECTIONS).map(|number| {
        let barrier = Arc::clone(&barrier);
        tokio::spawn(async move { ask_at_once(port, number, &barrier).await })
    });
    let answers = timeout(ANSWER_TIMEOUT, join_all(clients)).await.expect("all are answered");
    for (number, answer) in answers.into_iter().enumerate() {
        let expected = format!("answer to {}", line_of(number));
        assert!(answer.unwrap() == expected, "connection {number} gets another answer");
    }

    // None of them keeps a stream.
    assert_eq!(exchange(port, "one more\n").unwrap(), "answer to one more\n");
    done(job(&site, "stop", &[&name]));
    assert!(line.ended().await.success(), "{}", line.log());
    node.leaves().await;
    site.world.stop().await.unwrap();
}
