//! `/changes`.

use axum::extract::State;
use maud::Markup;
use serde::Deserialize;

use super::Reading;
use crate::http::api::Parameters;
use crate::http::problem::Problem;
use crate::http::state::Site;
use crate::instant::UtcInstant;
use crate::page::{Change, ChangesPage};
use crate::store::view::NamedChange;

/// Changes on a page.
const CHANGES: u32 = 50;

/// Which of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// Those before this number.
    before: Option<i64>,
}

pub(super) async fn show(
    State(site): State<Site>,
    Reading(access): Reading,
    Parameters(asked): Parameters<Asked>,
) -> Result<Markup, Problem> {
    let frame = site.frame(access);
    let draw = move |view: &crate::store::view::View| {
        let mut changes = view.list_changes_back(asked.before.unwrap_or(i64::MAX), CHANGES + 1)?;
        let has_older = changes.len() > CHANGES as usize;
        changes.truncate(CHANGES as usize);
        let seq = if asked.before.is_some() { None } else { Some(view.find_seq()?) };
        let page = ChangesPage { changes: changes.into_iter().map(shown).collect(), seq, has_older };
        Ok(page.render(&frame))
    };
    Ok(site.views.read(access, draw).await?)
}

fn shown(named: NamedChange) -> Change {
    let change = named.change;
    Change {
        seq: change.seq,
        at: UtcInstant::parse(&change.at),
        kind: change.kind,
        directory_id: change.directory_id,
        directory_name: named.directory_name,
        registration_id: change.registration_id,
        before: change.before,
        after: change.after,
    }
}
