//! `/`.

use axum::extract::State;
use chrono::Days as Step;
use maud::Markup;

use super::Reading;
use crate::config::Sync;
use crate::http::problem::Problem;
use crate::http::state::Site;
use crate::page::{AccountError, Days, DirectoryLine, FrontPage};
use crate::store::view::Overview;

/// Days that are read: those of the chart.
const DAYS: u64 = 90;

pub(super) async fn show(State(site): State<Site>, Reading(access): Reading) -> Result<Markup, Problem> {
    let frame = site.frame(access);
    let today = frame.today();
    let since = today.checked_sub_days(Step::new(DAYS - 1)).unwrap_or(today);
    let mirrored = site.mirrored.clone();
    let draw = move |view: &crate::store::view::View| {
        let errors = view.list_account_errors()?.into_iter();
        let page = FrontPage {
            directories: view
                .list_overviews(since, today)?
                .into_iter()
                .map(|one| line(one, today, &mirrored))
                .collect(),
            account_errors: errors.map(|(account, error)| AccountError { account, error }).collect(),
        };
        Ok(page.render(&frame))
    };
    Ok(site.views.read(access, draw).await?)
}

fn line(overview: Overview, today: chrono::NaiveDate, mirrored: &Sync) -> DirectoryLine {
    DirectoryLine {
        is_mirrored: mirrored.wants(&overview.directory_id),
        directory_id: overview.directory_id,
        name: overview.name,
        account: overview.account,
        registrations: overview.registrations,
        days: Days::new(today, DAYS as usize, overview.by_day),
        last_complete_at: overview.last_complete_at,
        last_error: overview.last_error,
    }
}
