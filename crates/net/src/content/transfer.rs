//! Sends and receives the blocks of an object. One block is in memory at a time.

use std::time::Duration;

use iroh::endpoint::{RecvStream, SendStream, VarInt};
use nosana_job_spec::ContentId;
use nosana_store::{MAX_BLOCK_BYTES, Store};
use tokio::task::spawn_blocking;

use super::{ContentError, staged::StagedObject, tree::TreeWalk};
use crate::stream::{is_at_end, read_message, write_message};

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

/// Sends the blocks of an object after the first `skip_blocks`. The stream is not ended.
pub(super) async fn send_blocks(
    send: &mut SendStream,
    store: &Store,
    object: ContentId,
    skip_blocks: u64,
    timeouts: TransferTimeouts,
) -> Result<(), ContentError> {
    let mut walk = TreeWalk::new(object, u64::MAX);
    let mut skip_left = skip_blocks;

    loop {
        let (returned, block) = read_next(store.clone(), walk).await?;
        walk = returned;
        let Some(block) = block else { return Ok(()) };

        if skip_left > 0 {
            skip_left -= 1;
            continue;
        }
        write_message(send, &block, timeouts.block).await?;
    }
}

async fn read_next(
    store: Store,
    mut walk: TreeWalk,
) -> Result<(TreeWalk, Option<Vec<u8>>), ContentError> {
    run_blocking(move || {
        let Some(next) = walk.next_block()? else { return Ok((walk, None)) };
        let block = store.get_block(&next)?;
        walk.accept_block(&block)?;
        Ok((walk, Some(block)))
    })
    .await
}

/// Receives the rest of an object, and puts it into the store when it is complete.
///
/// # Errors
/// If the peer breaks the protocol, the connection is lost, or the disk fails. Unless the
/// connection was lost, nothing of this attempt is kept.
pub(super) async fn receive_object(
    recv: &mut RecvStream,
    mut staged: Box<StagedObject>,
    announced_bytes: u64,
    timeouts: TransferTimeouts,
) -> Result<(), ContentError> {
    loop {
        let step = receive_step(recv, &staged, announced_bytes, timeouts).await;

        match step {
            Ok(Some(block)) => {
                let (returned, accepted) = run_blocking(move || {
                    let accepted = staged.accept_block(&block);
                    Ok((staged, accepted))
                })
                .await?;
                staged = returned;

                if let Err(error) = accepted {
                    return cut_off(recv, staged, error).await;
                }
            }
            Ok(None) => return run_blocking(move || staged.commit()).await,
            Err(error) => return cut_off(recv, staged, error).await,
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
    staged: Box<StagedObject>,
    error: ContentError,
) -> Result<(), ContentError> {
    // Fails only if the stream has ended.
    let _ = recv.stop(WRONG_CONTENT);

    if !error.keeps_progress() {
        run_blocking(move || {
            staged.discard();
            Ok(())
        })
        .await?;
    }
    Err(error)
}

/// Runs work that reads or writes the disk.
pub(super) async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ContentError> + Send + 'static,
) -> Result<T, ContentError> {
    match spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(std::io::Error::other(error).into()),
    }
}
