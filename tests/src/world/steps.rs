use nosana_client::{
    actions::{self, JobListing, NO_DETAIL, NO_TRACE},
    jobs::accounts::Node,
    pda, token,
};
use nosana_protocol::job::{Kind, ReturnCause};
use solana_address::Address;
use solana_keypair::Keypair;
use solana_signer::Signer;

use super::{World, disputes::trace_commitment};
use crate::{
    chain::{Chain, Executed},
    terms::{RESULT, SKETCH},
};

/// Steps of a job's lifecycle that must succeed. Each is followed by an audit.
impl<C: Chain> World<C> {
    /// The client lists a job.
    pub async fn list(&self, order: JobListing) -> Address {
        self.list_for(&self.client, &self.client, order).await
    }

    /// `client` lists a job, and `payer` pays for it.
    pub async fn list_for(&self, client: &Keypair, payer: &Keypair, order: JobListing) -> Address {
        let list = actions::list(client.pubkey(), payer.pubkey(), self.market, self.mint, order);
        let job = list.job;
        self.run(list, &[client, payer]).await;
        job
    }

    /// The client cancels a waiting job.
    pub async fn cancel(&self, job: &Address) -> Executed {
        let cell = self.cell(job).await;
        self.run(actions::cancel(*job, &self.job(job).await, cell), &[&self.client]).await
    }

    /// The client asks that a matched job is settled instead of requeued.
    pub async fn cancel_matched(&self, job: &Address) -> Executed {
        self.run(actions::cancel(*job, &self.job(job).await, 0), &[&self.client]).await
    }

    /// The client ends a job that was matched with, or runs on, this node.
    pub async fn stop(&self, job: &Address, node: &Keypair) -> Executed {
        let stop = actions::stop(self.client.pubkey(), *job, &self.job(job).await, node.pubkey());
        self.run(stop, &[&self.client]).await
    }

    /// The node takes a job or waits for one.
    pub async fn work(&self, node: &Keypair) -> Executed {
        self.run(actions::work(node.pubkey(), self.market, 1), &[node]).await
    }

    /// The node stops waiting.
    pub async fn leave(&self, node: &Keypair) -> Executed {
        let cell = self.cell(&pda::jobs::node(&node.pubkey())).await;
        self.run(actions::leave(node.pubkey(), self.market, cell), &[node]).await
    }

    /// The node releases the collateral that it has kept and does not use.
    pub async fn release_collateral(&self, node: &Keypair) -> Executed {
        self.run(actions::release_collateral(node.pubkey()), &[node]).await
    }

    /// The node, which uses none of its collateral, releases all of it. Returns how many base units
    /// it had kept.
    pub async fn release_all(&self, node: &Keypair) -> u64 {
        let (locked, idle) = self.collateral_of(node).await;
        assert_eq!(locked, idle, "no slot, result or seat uses collateral");

        self.release_collateral(node).await;
        assert_eq!(self.collateral_of(node).await, (0, 0), "nothing stays locked");
        idle
    }

    /// The node starts a job.
    pub async fn start(&self, node: &Keypair, job: &Address) -> Executed {
        let start = actions::start(node.pubkey(), *job, &self.job(job).await);
        self.run(start, &[node]).await
    }

    /// The node takes the first waiting job and starts it.
    pub async fn work_and_start(&self, node: &Keypair, job: &Address) {
        self.work(node).await;
        self.start(node, job).await;
    }

    /// The node proves that it is alive.
    pub async fn heartbeat(&self, node: &Keypair, job: &Address) -> Executed {
        let attempt = self.job(job).await.attempt_id;
        self.run(actions::heartbeat(node.pubkey(), *job, attempt, [0; 32], 0), &[node]).await
    }

    /// Lets the node send a heartbeat every 50 seconds for this time, the last one at its end.
    pub async fn heartbeat_for(&self, seconds: u64, node: &Keypair, job: &Address) {
        let mut left = seconds;
        while left > 0 {
            let step = left.min(50);
            self.advance_clock(step);
            self.heartbeat(node, job).await;
            left -= step;
        }
    }

    /// The node commits to a result.
    pub async fn finish(&self, node: &Keypair, job: &Address) -> Executed {
        let stored = self.job(job).await;
        let owner = node.pubkey();
        let trace = if stored.kind == Kind::VerifiedBatch as u8 {
            trace_commitment(&owner, job, SKETCH)
        } else {
            NO_TRACE
        };
        let finish = actions::finish(owner, *job, &stored, owner, RESULT, trace);
        self.run(finish, &[node]).await
    }

    /// The node gives a job back.
    pub async fn quit(&self, node: &Keypair, job: &Address) -> Executed {
        self.quit_saying(NO_DETAIL, node, job).await
    }

    /// The node gives a job back, and `detail` is the digest of its words about it.
    pub async fn quit_saying(&self, detail: [u8; 32], node: &Keypair, job: &Address) -> Executed {
        let owner = node.pubkey();
        let cause = ReturnCause::Unspecified as u8;
        let quit = actions::quit(owner, *job, &self.job(job).await, owner, cause, detail);
        self.run(quit, &[node]).await
    }

    /// A stranger expires a match with this node, without a reward: the whole penalty is burnt.
    pub async fn expire_match(&self, job: &Address, node: &Keypair) -> Executed {
        let expire = actions::expire_match(
            *job,
            &self.job(job).await,
            node.pubkey(),
            self.mint,
            self.nonexistent_account(),
        );
        self.run(expire, &[]).await
    }

    /// A stranger expires a match as soon as its start clock, which began at `matched`, is over.
    /// The clock then shows again what it shows now.
    pub async fn expire_match_in_time(&self, job: &Address, node: &Keypair, matched: i64) {
        let now = self.now();
        let start = i64::from(self.job(job).await.start_seconds);
        self.set_clock(matched + start + 1);
        self.expire_match(job, node).await;
        self.set_clock(now);
    }

    /// A stranger ends a run on this node.
    pub async fn expire_run(&self, job: &Address, node: &Keypair) -> Executed {
        let expire =
            actions::expire_run(self.stranger.pubkey(), *job, &self.job(job).await, node.pubkey());
        self.run(expire, &[&self.stranger]).await
    }

    /// The client rejects a submitted result, and has the job requeued if `requeue` is set.
    pub async fn reject(&self, job: &Address, requeue: bool) -> Executed {
        let stored = self.job(job).await;
        let node = self.get::<Node>(&stored.node).await.authority;
        let reject = actions::reject(self.client.pubkey(), *job, &stored, node, requeue);
        self.run(reject, &[&self.client]).await
    }

    /// A stranger settles a submitted result.
    pub async fn settle(&self, job: &Address) -> Executed {
        let stored = self.job(job).await;
        let node = self.get::<Node>(&stored.node).await.authority;
        self.run(actions::settle(self.stranger.pubkey(), *job, &stored, node), &[&self.stranger])
            .await
    }

    /// Someone takes what a job owes to them.
    pub async fn collect(
        &self,
        authority: &Keypair,
        job: &Address,
        destination: &Address,
    ) -> Executed {
        let collect =
            actions::collect(authority.pubkey(), *job, &self.job(job).await, *destination);
        self.run(collect, &[authority]).await
    }

    /// A stranger closes a settled job.
    pub async fn clean(&self, job: &Address) -> Executed {
        self.run(actions::clean(*job, &self.job(job).await), &[]).await
    }

    /// A stranger sends the market's fees to the stakers, and counts them.
    pub async fn sweep_fees(&self) -> Executed {
        let done = self.run(actions::sweep_fees(self.market), &[]).await;
        self.count_income().await;
        done
    }

    /// A stranger makes income of what has arrived in the pool's vault, if anything has.
    pub async fn count_income(&self) {
        let held = self.tokens_in(&pda::rewards::vault()).await;
        if held > self.pool().await.accounted {
            self.run(actions::count_income(), &[]).await;
        }
    }

    /// The owner takes what the position has earned; returns how much.
    pub async fn claim(&self, owner: &Keypair) -> u64 {
        let before = self.tokens(owner).await;
        self.run(actions::claim(owner.pubkey(), self.mint), &[owner]).await;
        self.tokens(owner).await - before
    }

    /// Donates tokens of a wallet to a token account. The audit expects them there.
    pub async fn donate(&self, from: &Keypair, account: &Address, amount: u64) {
        let source = self.token_account(&from.pubkey());
        self.known.borrow_mut().donations.push((*account, amount));
        let transfer = token::transfer_tokens(&source, account, &self.mint, &from.pubkey(), amount);
        self.run(transfer.expect("valid"), &[from]).await;
    }

    /// Closes a wallet's token account; its tokens go to the stranger.
    pub async fn close_tokens(&self, wallet: &Keypair) {
        self.close_tokens_to(wallet, &self.stranger).await;
    }

    /// Closes a wallet's token account; its tokens go to another wallet.
    pub async fn close_tokens_to(&self, wallet: &Keypair, heir: &Keypair) {
        let account = self.token_account(&wallet.pubkey());
        let to = self.token_account(&heir.pubkey());
        let amount = self.tokens(wallet).await;
        if amount > 0 {
            let transfer =
                token::transfer_tokens(&account, &to, &self.mint, &wallet.pubkey(), amount);
            self.run(transfer.expect("valid"), &[wallet]).await;
        }
        let close = spl_token_interface::instruction::close_account(
            &token::PROGRAM,
            &account,
            &wallet.pubkey(),
            &wallet.pubkey(),
            &[],
        );
        self.run(close.expect("valid"), &[wallet]).await;
    }

    /// Opens a wallet's token account again, empty.
    pub async fn open_tokens(&self, wallet: &Keypair) -> Address {
        let create = token::create_associated_account(
            &self.fee_payer.pubkey(),
            &wallet.pubkey(),
            &self.mint,
        );
        self.run(create, &[]).await;
        self.token_account(&wallet.pubkey())
    }
}
