//! What the transactions of a whole job cost in lamports, without rent: a fee for each signature,
//! and a priority fee for each compute unit that a transaction requests.

use nosana_client::session::choose_unit_limit;

use crate::cost::Charge;

/// The priority fees, in micro-lamports for a compute unit.
pub const PRICES: [u64; 4] = [0, 1_000, 10_000, 100_000];
/// The fee of a signature.
const LAMPORTS_PER_SIGNATURE: u64 = 5_000;
const MICRO_LAMPORTS_PER_LAMPORT: u64 = 1_000_000;
/// Compute units of the instruction that sets the priority fee. Clients leave it out if that is
/// zero.
const PRICE_UNITS: u64 = 150;

/// The fees of transactions, in lamports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fees {
    /// Micro-lamports for a compute unit.
    pub price: u64,
    pub of_signatures: u64,
    pub of_priority: u64,
}

impl Fees {
    /// All fees.
    pub const fn total(self) -> u64 {
        self.of_signatures + self.of_priority
    }
}

/// Returns the fees of all these transactions at each of [`PRICES`].
pub fn sum_fees(charges: &[Charge]) -> [Fees; PRICES.len()] {
    PRICES.map(|price| {
        let of_each = charges
            .iter()
            .map(|charge| find_fees(charge.footprint.signatures, charge.units, price));
        of_each.fold(find_fees(0, 0, 0), |sum, fees| Fees {
            price,
            of_signatures: sum.of_signatures + fees.of_signatures,
            of_priority: sum.of_priority + fees.of_priority,
        })
    })
}

/// Returns the fees of a transaction that uses this many compute units without a priority fee, and
/// requests as many as a client does.
fn find_fees(signatures: u64, units: u64, price: u64) -> Fees {
    let requested = u64::from(request_units(units, price));

    Fees {
        price,
        of_signatures: signatures * LAMPORTS_PER_SIGNATURE,
        of_priority: (requested * price).div_ceil(MICRO_LAMPORTS_PER_LAMPORT),
    }
}

/// Returns the compute units that a client requests.
fn request_units(units: u64, price: u64) -> u32 {
    choose_unit_limit(if price == 0 { units } else { units + PRICE_UNITS })
}

#[cfg(test)]
mod tests {
    use nosana_client::session::MAX_LOADED_BYTES;
    use nosana_tests::{Chain, Lite, World, terms::challenged};
    use solana_compute_budget_interface::ComputeBudgetInstruction;
    use solana_signer::Signer;

    use super::{Fees, PRICES, find_fees, request_units};
    use crate::{
        cost::charge_request,
        job::{Role, Step, next_nonce},
    };

    #[test]
    fn a_client_pays_for_what_it_requests() {
        let free = Fees { price: 0, of_signatures: 10_000, of_priority: 0 };
        assert_eq!(find_fees(2, 5_000, 0), free);

        // A tenth and 5,000 more than the transaction uses with the price: 10,665.
        let paid = Fees { price: 1_000, of_signatures: 5_000, of_priority: 11 };
        assert_eq!(find_fees(1, 5_000, 1_000), paid);
        assert_eq!(find_fees(1, 5_000, 100_000).total(), 5_000 + 1_067);
    }

    #[tokio::test]
    async fn the_runtime_charges_these_fees() {
        let world = World::<Lite>::new(challenged()).await;
        let role = Role { client: &world.client, node: &world.node, market: world.market };
        let nonce = next_nonce(&role.client.pubkey(), 1);
        role.prepare(&world, Step::List, nonce).await.send(&world).await;

        // The node pays for these, and no rent.
        let steps = [Step::Work, Step::Start, Step::Finish, Step::Settle];
        for (step, price) in steps.into_iter().zip(PRICES) {
            let request = role.prepare(&world, step, nonce).await;
            let units = charge_request(&world, &request).await.units;
            let limit = request_units(units, price);
            let mut instructions = request.with_limits(limit, Some(MAX_LOADED_BYTES));
            if price > 0 {
                instructions.insert(0, ComputeBudgetInstruction::set_compute_unit_price(price));
            }

            let payer = request.payer.pubkey();
            let before = world.lamports(&payer).await;
            let done = world.chain.send(&instructions, request.payer, &[]).await;
            done.expect("the transaction succeeds");
            let paid = before - world.lamports(&payer).await;
            assert_eq!(paid, find_fees(1, units, price).total(), "{step:?} at {price}");
        }
    }
}
