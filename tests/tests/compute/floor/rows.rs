//! What each instruction of a job's life cannot do without, and why it costs more where it does.
//! Accounts have their names in the IDL. The event's length is not in the table: it is that of the
//! event which the instruction logs.

/// What an instruction cannot do without.
pub struct Row {
    /// What the suite calls it.
    pub label: &'static str,
    /// The accounts of the program whose fields it changes, at most three.
    pub writes: &'static [&'static str],
    /// The account whose first bytes take the place of its event.
    pub logged: &'static str,
    /// The tokens that it moves, in one call.
    pub payment: Option<Payment>,
    /// The account that it creates, and who pays the rent.
    pub created: Option<[&'static str; 2]>,
    /// The account that it closes, and who receives the rent.
    pub closed: Option<[&'static str; 2]>,
    /// Why it costs more than one and a half times its floor, and how much more it may.
    pub excess: Option<Excess>,
}

/// What an instruction may cost above one and a half times its floor.
pub struct Excess {
    /// The most that it may cost, in percent of its floor: what it costs today, and a few percent,
    /// so that a reason does not excuse what is added later.
    pub max_percent: u64,
    /// Why.
    pub reason: &'static str,
}

/// A call of the token program.
pub struct Payment {
    /// The token account that pays.
    pub source: &'static str,
    /// Whose tokens they are.
    pub authority: &'static str,
    /// The token accounts that are paid, at most two.
    pub destinations: &'static [&'static str],
}

/// A row without calls.
const PLAIN: Row = Row {
    label: "",
    writes: &[],
    logged: "job",
    payment: None,
    created: None,
    closed: None,
    excess: None,
};
/// The deposit of a job.
const DEPOSIT: Payment =
    Payment { source: "payer_token", authority: "payer", destinations: &["vault"] };
/// The pay of a node, and what the payer gets back.
const SETTLEMENT: Payment =
    Payment { source: "vault", authority: "market", destinations: &["node_token", "payer_token"] };
/// The refund of a whole deposit.
const REFUND: Payment =
    Payment { source: "vault", authority: "market", destinations: &["payer_token"] };
/// Why settlements cost what they cost.
const SPLIT: &str = "the checks of nine accounts and of the job's amounts, the split of the escrow \
                     in checked arithmetic, and the node's reputation";

/// All rows.
pub const ROWS: &[Row] = &[
    Row {
        label: "jobs.list",
        writes: &["job", "queue"],
        payment: Some(DEPOSIT),
        created: Some(["job", "payer"]),
        ..PLAIN
    },
    Row {
        label: "jobs.work, a job waits",
        writes: &["node", "queue"],
        logged: "node",
        excess: Some(Excess {
            max_percent: 240,
            reason: "the checks of ten accounts and of the node against the market's terms, the \
                     search for a free slot, and a move of the queue",
        }),
        ..PLAIN
    },
    Row {
        label: "jobs.start",
        writes: &["job", "node"],
        excess: Some(Excess {
            max_percent: 210,
            reason: "the checks of six accounts, the search for the slot, the xNOS of the stake, \
                     the clock of the match and the deadline",
        }),
        ..PLAIN
    },
    Row { label: "jobs.heartbeat", writes: &["job"], ..PLAIN },
    Row {
        label: "jobs.finish",
        writes: &["job", "queue", "node"],
        payment: Some(SETTLEMENT),
        excess: Some(Excess { max_percent: 175, reason: SPLIT }),
        ..PLAIN
    },
    Row {
        label: "jobs.finish, to be settled",
        writes: &["job", "node"],
        excess: Some(Excess {
            max_percent: 240,
            reason: "the checks of nine accounts, which are those of the settlement in a market \
                     without a challenge window, the search for the slot, and the job's clocks",
        }),
        ..PLAIN
    },
    Row {
        label: "jobs.settle",
        writes: &["job", "queue", "node"],
        payment: Some(SETTLEMENT),
        excess: Some(Excess { max_percent: 180, reason: SPLIT }),
        ..PLAIN
    },
    Row {
        label: "jobs.accept",
        writes: &["job", "queue", "node"],
        payment: Some(SETTLEMENT),
        excess: Some(Excess { max_percent: 180, reason: SPLIT }),
        ..PLAIN
    },
    Row {
        label: "jobs.cancel",
        writes: &["job", "queue"],
        payment: Some(REFUND),
        excess: Some(Excess {
            max_percent: 170,
            reason: "the checks of seven accounts and of the job's amounts, the split of the \
                     escrow in checked arithmetic, and a move of the queue",
        }),
        ..PLAIN
    },
    Row { label: "jobs.clean", closed: Some(["job", "payer"]), ..PLAIN },
];

/// Returns the row of a label.
pub fn find_row(label: &str) -> &'static Row {
    let row = ROWS.iter().find(|row| row.label == label);
    row.unwrap_or_else(|| panic!("{label} has no row in floor/rows.rs"))
}
