//! Sends and receives the blocks of an object. One block is in memory at a time.

use std::time::Duration;

use iroh::endpoint::{RecvStream, SendStream, VarInt};
use nosana_job_spec::ContentId;
use nosana_store::{MAX_BLOCK_BYTES, Store};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::{ContentError, staged::StagedObject, tree::TreeWalk};
use crate::stream::{is_at_end, read_message, write_message};
use crate::{StreamError, WireError};

/// The code with which a stream of wrong content is canceled.
pub(super) const WRONG_CONTENT: VarInt = VarInt::from_u32(3);
/// The code with which a stream is canceled whose sender cannot go on.
pub(super) const CANCELED: VarInt = VarInt::from_u32(4);

/// The longest times of a transfer.
#[derive(Clone, Copy, Debug)]
pub(super) struct TransferTimeouts {
    /// Of a request or an answer.
    pub message: Duration,
    /// Of each block, from its first byte to its last: a peer that trickles is cut off, too.
    pub block: Duration,
}

/// The threads that read and write for peers at once.
static SERVING_THREADS: Semaphore = Semaphore::const_new(4);

/// For whom disks are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DiskUser {
    /// This process, which chose the object.
    Own,
    /// A peer: whatever peers request, the node's own work has threads and cores left.
    Peer,
}

impl DiskUser {
    /// Runs work that waits for the disk or hashes.
    pub(super) async fn run_work<T: Send + 'static>(
        self,
        work: impl FnOnce() -> Result<T, ContentError> + Send + 'static,
    ) -> Result<T, ContentError> {
        let permit = match self {
            Self::Own => None,
            Self::Peer => Some(SERVING_THREADS.acquire().await.map_err(std::io::Error::other)?),
        };

        let working = spawn_blocking(move || {
            // Given back when the thread is free, also if the peer has left.
            let _permit = permit;
            work()
        });
        match working.await {
            Ok(result) => result,
            Err(error) => Err(std::io::Error::other(error).into()),
        }
    }
}

/// Sends the blocks of an object after the first `skip_blocks`. The stream is not ended.
///
/// # Errors
/// If the object has fewer blocks, the peer reads too slowly or is lost, or the disk fails.
pub(super) async fn send_blocks(
    send: &mut SendStream,
    store: &Store,
    object: ContentId,
    skip_blocks: u64,
    disk: DiskUser,
    timeouts: TransferTimeouts,
) -> Result<(), ContentError> {
    let mut walk = TreeWalk::new(object, u64::MAX);
    let mut skip_left = skip_blocks;

    loop {
        let (returned, block) = read_next(disk, store.clone(), walk).await?;
        walk = returned;
        let Some(block) = block else { return check_skipped(skip_left) };

        if skip_left > 0 {
            skip_left -= 1;
            continue;
        }
        write_message(send, &block, timeouts.block).await?;
    }
}

/// A peer that has everything skips all blocks, but not more.
fn check_skipped(skip_left: u64) -> Result<(), ContentError> {
    if skip_left == 0 {
        return Ok(());
    }
    let problem = "it skips more blocks than there are";
    Err(StreamError::from(WireError { message: "request", problem }).into())
}

async fn read_next(
    disk: DiskUser,
    store: Store,
    mut walk: TreeWalk,
) -> Result<(TreeWalk, Option<Vec<u8>>), ContentError> {
    disk.run_work(move || {
        let Some(next) = walk.next_block()? else { return Ok((walk, None)) };
        let block = store.get_block(&next)?;
        walk.accept_block(&block)?;
        Ok((walk, Some(block)))
    })
    .await
}

/// Receives the rest of an object, and puts it into the store when it is complete. Then calls
/// `on_stored`, also if nobody waits for this any more: what is in the store is always counted.
///
/// # Errors
/// If the peer breaks the protocol, the connection is lost, or the disk fails. Unless the
/// connection was lost, nothing of this attempt is kept.
pub(super) async fn receive_object(
    recv: &mut RecvStream,
    mut staged: Box<StagedObject>,
    announced_bytes: u64,
    disk: DiskUser,
    timeouts: TransferTimeouts,
    on_stored: impl FnOnce() + Send + 'static,
) -> Result<(), ContentError> {
    loop {
        let step = receive_step(recv, &staged, announced_bytes, timeouts).await;

        match step {
            Ok(Some(block)) => {
                let (returned, accepted) = disk
                    .run_work(move || {
                        let accepted = staged.accept_block(&block);
                        Ok((staged, accepted))
                    })
                    .await?;
                staged = returned;

                if let Err(error) = accepted {
                    return cut_off(recv, disk, staged, error).await;
                }
            }
            Ok(None) => {
                let storing = disk.run_work(move || {
                    staged.commit()?;
                    on_stored();
                    Ok(())
                });
                return storing.await;
            }
            Err(error) => return cut_off(recv, disk, staged, error).await,
        }
    }
}

/// The next block; none if the object is complete and the stream has ended.
async fn receive_step(
    recv: &mut RecvStream,
    staged: &StagedObject,
    announced_bytes: u64,
    timeouts: TransferTimeouts,
) -> Result<Option<Vec<u8>>, ContentError> {
    if let Some(declared) = staged.declared_bytes()
        && declared != announced_bytes
    {
        return Err(ContentError::OtherSize { announced: announced_bytes, declared });
    }

    if staged.is_complete()? {
        let is_end = is_at_end(recv, timeouts.block).await?;
        return if is_end { Ok(None) } else { Err(ContentError::Excess) };
    }
    let max_bytes = usize::try_from(MAX_BLOCK_BYTES).unwrap_or(usize::MAX);
    Ok(Some(read_message(recv, max_bytes, timeouts.block).await?))
}

async fn cut_off(
    recv: &mut RecvStream,
    disk: DiskUser,
    staged: Box<StagedObject>,
    error: ContentError,
) -> Result<(), ContentError> {
    // Fails only if the stream has ended.
    let _ = recv.stop(WRONG_CONTENT);

    if !error.keeps_progress() {
        disk.run_work(move || {
            staged.discard();
            Ok(())
        })
        .await?;
    }
    Err(error)
}
