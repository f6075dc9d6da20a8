//! What a row says: what an instruction cannot do without, and why it costs more where it does.
//! Accounts have their names in the IDL. The event's length is not in a row: it is that of the
//! event which the instruction logs.

/// What an instruction cannot do without.
pub struct Row {
    /// What the suite calls it.
    pub label: &'static str,
    /// The accounts of the program whose fields it changes, at most three.
    pub writes: &'static [&'static str],
    /// Whether it reads the clock.
    pub reads_clock: bool,
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
pub const PLAIN: Row = Row {
    label: "",
    writes: &[],
    reads_clock: true,
    logged: "job",
    payment: None,
    created: None,
    closed: None,
    excess: None,
};
