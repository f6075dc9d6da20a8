//! What the programs do not decide: time, token accounts, gifts.

use super::{Model, Outcome, Rejection, ensure};
use crate::actors::{STRANGER, WALLETS};

impl Model {
    /// Lets time pass.
    pub fn advance_clock(&mut self, seconds: u64) -> Outcome {
        self.now = self.now.checked_add_unsigned(seconds).expect("the time is in range");
        Ok(())
    }

    /// Closes a token account; the stranger gets what is in it.
    pub fn close_token_account(&mut self, account: usize) -> Outcome {
        let rest = self.balances[account].take().ok_or(Rejection::Below)?;
        self.give(STRANGER, rest);
        Ok(())
    }

    /// Opens a token account again; the stranger puts something in. A wallet's first one may be
    /// open already.
    pub fn open_token_account(&mut self, account: usize, gift: u64) -> Outcome {
        ensure(account < WALLETS || self.balances[account].is_none(), Rejection::Below)?;
        self.balances[account].get_or_insert(0);
        self.take(STRANGER, gift)?;
        self.give(account, gift);
        Ok(())
    }

    /// A donation to the vault of a market.
    pub fn donate(&mut self, market: usize, amount: u64) -> Outcome {
        self.market(market)?;
        self.take(STRANGER, amount)?;
        self.market(market)?.donated += amount;
        Ok(())
    }
}
