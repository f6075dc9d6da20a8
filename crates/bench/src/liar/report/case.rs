//! One node, the dispute about its result, and the payments.

use anyhow::{Context, Result};
use nosana_client::jobs::accounts::Job;
use nosana_job_spec::ContentId;
use nosana_protocol::dispute::{
    sketch::Sketch,
    votes::{Outcome, Verdict},
};
use nosana_worker::Examination;
use serde::Serialize;

use super::super::{
    behavior::{Behavior, outcome_name},
    ledger::CaseMoney,
    people::{People, Person},
    record::{CaseRecord, CaseTimes, RevealedVote},
    results::OpenCase,
};

/// A node and the dispute about its result.
#[derive(Clone, Debug, Serialize)]
pub struct CaseReport {
    /// The number of the job.
    pub number: usize,
    /// What the node did.
    pub behavior: Behavior,
    /// The job's address.
    pub job: String,
    /// The dispute's address.
    pub dispute: String,
    /// The address of the node.
    pub node: String,
    /// The result in the content store.
    pub result: String,
    /// The name of the challenger.
    pub challenger: String,
    /// Why the result is wrong, computed again; empty if it is right.
    pub faults: Vec<String>,
    /// Bits that differ between the opened trace and this machine's own sketch of the work.
    pub bits_from_work: u32,
    /// The votes, in the order of the panelists' numbers.
    pub votes: Vec<VoteReport>,
    /// The outcome.
    pub outcome: &'static str,
    /// When things happened.
    pub times: CaseTimes,
    /// What the chain has paid.
    pub money: CaseMoney,
    /// What the protocol's rules give for the votes.
    pub expected_money: CaseMoney,
}

/// The vote of a panelist.
#[derive(Clone, Debug, Serialize)]
pub struct VoteReport {
    /// The panelist's name.
    pub panelist: String,
    /// What it says about the result.
    pub verdict: &'static str,
    /// Bits that differ between its sketch and the opened trace.
    pub bits_from_trace: u32,
    /// The most bits that differ between its sketch and another panelist's.
    pub bits_from_panel: u32,
}

impl CaseReport {
    pub(crate) fn new(
        people: &People,
        number: usize,
        case: &OpenCase<'_>,
        job: &Job,
        record: &CaseRecord,
        examination: Examination,
    ) -> Result<Self> {
        let resolved = record.resolved.context("it is not resolved")?;
        let trace = record.trace.context("its trace was not opened")?;
        let outcome = u8::try_from(resolved.outcome).ok().and_then(Outcome::from_byte);
        let challenger = people.everybody().find(|one| one.wallet() == record.challenger);
        let votes = people.panel.iter().filter_map(|panelist| describe_vote(panelist, record));

        Ok(Self {
            number,
            behavior: case.behavior,
            job: case.job.to_string(),
            dispute: case.dispute.to_string(),
            node: resolved.node.to_string(),
            result: ContentId::from_digest(job.result).to_string(),
            challenger: challenger.map_or("a stranger", |person| &person.name).to_owned(),
            faults: examination.faults,
            bits_from_work: trace.differing_bits(&Sketch(examination.sketch.0)),
            votes: votes.collect(),
            outcome: outcome_name(outcome.unwrap_or(Outcome::None)),
            times: record.times,
            money: CaseMoney::from_record(record, &people.panel)?,
            expected_money: CaseMoney::expected(job, record, &people.panel)?,
        })
    }
}

/// Describes the vote of a panelist, if it has revealed one.
fn describe_vote(panelist: &Person, record: &CaseRecord) -> Option<VoteReport> {
    let node = panelist.node();
    let vote = record.votes.iter().find(|vote| vote.node == node)?;
    let distance = |other: &RevealedVote| other.sketch.differing_bits(&vote.sketch);
    let others = record.votes.iter().filter(|other| other.node != node);

    Some(VoteReport {
        panelist: panelist.name.clone(),
        verdict: verdict_name(vote.verdict),
        bits_from_trace: record.trace.as_ref()?.differing_bits(&vote.sketch),
        bits_from_panel: others.map(distance).max().unwrap_or_default(),
    })
}

fn verdict_name(verdict: u64) -> &'static str {
    match u8::try_from(verdict).ok().and_then(Verdict::from_byte) {
        Some(Verdict::Right) => "right",
        Some(Verdict::Wrong) => "wrong",
        Some(Verdict::NotDecidable) => "not decidable",
        Some(Verdict::None) | None => "nothing",
    }
}
