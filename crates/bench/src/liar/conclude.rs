//! What the trial reads in the end: the cases, the transfers of each dispute, the checks.

use anyhow::{Context, Result};
use nosana_client::{jobs::accounts::Job, pda};
use nosana_worker::Examination;

use super::{
    people::Person,
    record::Recorder,
    report::CaseReport,
    results::OpenCase,
    sheet::{Sheet, Transfer},
    trial::Trial,
    verify,
};
use crate::checks::{Check, Checks};

impl Trial<'_> {
    /// Reads what the chain says about each case.
    pub async fn read_cases(
        &self,
        recorder: &Recorder,
        cases: &[OpenCase<'_>],
        examinations: Vec<Examination>,
    ) -> Result<Vec<CaseReport>> {
        let mut reports = Vec::with_capacity(cases.len());
        for ((number, case), examination) in (1..).zip(cases).zip(examinations) {
            recorder.await_closed(case.dispute, self.config.patience).await?;
            let job = self.world.session.fetch_account::<Job>(&case.job).await?;
            let record = recorder.read_case(case.job, case.dispute);
            let report = CaseReport::new(self.people, number, case, &job, &record, examination);
            let name = case.behavior.name();
            reports.push(report.with_context(|| format!("the dispute about `{name}`"))?);
        }
        Ok(reports)
    }

    /// Lists the transfers of each dispute.
    pub fn list_transfers(&self, cases: &[CaseReport]) -> Vec<Vec<Transfer>> {
        let world = self.world;
        let wallet = |person: &Person| world.token_account(&person.wallet());
        let of_case = |case: &CaseReport| {
            let CaseReport { behavior, money, .. } = case;
            let challenger = self.people.challenger(behavior.challenger());
            let panel = self.people.panel.iter().zip(money.panel);
            let parties = [
                (wallet(&self.people.client), money.client_change()),
                (wallet(challenger), money.challenger_change()),
                (wallet(self.people.node_owner(*behavior)), money.node.into()),
                (pda::jobs::vault(&world.market), money.network.into()),
                (pda::staking::vault(), -i128::from(money.collateral)),
            ];
            let fees = panel.map(|(panelist, fee)| (wallet(panelist), i128::from(fee)));
            parties.into_iter().chain(fees).collect()
        };
        cases.iter().map(of_case).collect()
    }

    /// Checks everything that is claimed about the cases.
    pub async fn check_everything(
        &self,
        cases: &[CaseReport],
        sheet: &Sheet,
    ) -> Result<Vec<Check>> {
        let mut checks = Checks::default();
        verify::check_outcomes(cases, &mut checks);
        verify::check_sketches(cases, &mut checks);
        verify::check_examinations(cases, &mut checks);
        verify::check_money(cases, &mut checks);
        verify::check_balances(sheet, &mut checks);
        verify::check_stakes(self.world, self.people, &mut checks).await?;
        verify::check_market(self.world, cases, &mut checks).await?;
        Ok(checks.into_vec())
    }
}
