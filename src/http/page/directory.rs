//! `/directories/{directory_id}`.

use axum::extract::State;
use axum::http::StatusCode;
use chrono::{Days, NaiveDate};
use maud::Markup;
use serde::Deserialize;

use super::Reading;
use crate::http::api::{self, Parameters, PathText};
use crate::http::problem::Problem;
use crate::http::state::Site;
use crate::instant::UtcInstant;
use crate::page::{self, DirectoryPage, Registration, Registrations, Walk};
use crate::store::StoreError;
use crate::store::view::{self, Cursor, Detail, View};

/// Registrations on a page.
const REGISTRATIONS: usize = 20;
const WALKS: u32 = 10;

/// Which registrations, as the form says it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Asked {
    since: String,
    until: String,
    text: String,
    state: String,
    after: String,
}

/// What is looked for.
#[derive(Debug, Default)]
struct Wanted {
    filter: view::Filter,
    after: Option<Cursor>,
}

pub(super) async fn show(
    State(site): State<Site>,
    Reading(access): Reading,
    PathText(id): PathText,
    Parameters(asked): Parameters<Asked>,
) -> Result<(StatusCode, Markup), Problem> {
    let frame = site.frame(access);
    let (wanted, error) = match read(&asked, &site) {
        Ok(wanted) => (Some(wanted), None),
        Err(problem) => (None, Some(problem.detail)),
    };
    let status = if error.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let is_mirrored = site.mirrored.wants(&id);
    let draw = move |view: &View| {
        let Some(detail) = view.find_detail(&id)? else { return Ok(None) };
        let mut latest = Registrations { filter: filled_in(&asked), error, ..Registrations::default() };
        latest.is_continued = !asked.after.is_empty();
        if let Some(wanted) = wanted {
            find(view, &id, &wanted, &mut latest)?;
        }
        let walks = view.list_walks(Some(&id), None, WALKS)?;
        Ok(Some(DirectoryPage { is_mirrored, ..page_of(detail, latest, walks) }.render(&frame)))
    };
    let drawn = site.views.read(access, draw).await?;
    Ok((status, drawn.ok_or_else(|| Problem::no_directory().hint("the front page lists them"))?))
}

fn read(asked: &Asked, site: &Site) -> Result<Wanted, Problem> {
    let text = asked.text.trim();
    // The last day is meant whole.
    let until = match asked.until.parse::<NaiveDate>() {
        Ok(day) => {
            day.checked_add_days(Days::new(1)).map_or_else(|| asked.until.clone(), |day| day.to_string())
        }
        Err(_) => asked.until.clone(),
    };
    let after = match asked.after.as_str() {
        "" => None,
        text => Some(text.parse::<Cursor>().map_err(|cause| Problem::parameter("after", cause))?),
    };
    let state = match asked.state.as_str() {
        "" => view::State::default(),
        word => which(
            page::State::parse(word).ok_or_else(|| Problem::parameter("state", "there is no such state"))?,
        ),
    };
    let filter = view::Filter {
        since: api::instant("since", Some(&asked.since), site.time_zone)?,
        until: api::instant("until", Some(&until), site.time_zone)?,
        text: (!text.is_empty()).then(|| text.to_owned()),
        state,
    };
    Ok(Wanted { filter, after })
}

fn which(state: page::State) -> view::State {
    match state {
        page::State::Standing => view::State::Standing,
        page::State::Missing => view::State::Missing,
        page::State::Removed => view::State::Removed,
    }
}

/// The form as it was typed.
fn filled_in(asked: &Asked) -> page::Filter {
    page::Filter {
        since: asked.since.clone(),
        until: asked.until.clone(),
        text: asked.text.clone(),
        state: page::State::parse(&asked.state).unwrap_or_default(),
    }
}

fn find(view: &View, id: &str, wanted: &Wanted, latest: &mut Registrations) -> Result<(), StoreError> {
    let found = view.list_registrations(id, &wanted.filter, wanted.after.as_ref(), REGISTRATIONS)?;
    if let Some(found) = found {
        latest.next = found.next.map(|next| next.to_string());
        latest.rows = found.rows.into_iter().map(registration).collect();
    }
    Ok(())
}

fn instant(text: Option<String>) -> Option<UtcInstant> {
    text.as_deref().and_then(UtcInstant::parse)
}

fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

fn registration(row: view::Registration) -> Registration {
    Registration {
        registration_id: row.registration_id,
        registered_at: instant(row.registered_at),
        first_name: row.first_name,
        last_name: row.last_name,
        email: row.email,
        city: row.city,
        paid: row.paid.map(|paid| paid == 1),
        blocked: row.blocked.map(|blocked| blocked == 1),
        missing_since: instant(row.missing_since),
        removed_at: instant(row.removed_at),
    }
}

fn walk(walk: view::Walk) -> Walk {
    Walk {
        kind: walk.kind,
        started_at: UtcInstant::parse(&walk.started_at),
        finished_at: instant(walk.finished_at),
        outcome: walk.outcome,
        pages: count(walk.pages),
        created: count(walk.created),
        recovered: count(walk.recovered),
        updated: count(walk.updated),
        removed: count(walk.removed),
        restored: count(walk.restored),
        error: walk.error,
    }
}

fn page_of(detail: Detail, latest: Registrations, walks: Vec<view::Walk>) -> DirectoryPage {
    let overview = detail.overview;
    DirectoryPage {
        directory_id: overview.directory_id,
        name: overview.name,
        account: overview.account,
        url: overview.url,
        status: overview.status,
        registrations: overview.registrations,
        missing: detail.missing,
        by_day: overview.by_day,
        undated: detail.undated,
        last_complete_at: overview.last_complete_at,
        last_full_at: overview.last_full_at,
        removed_at: overview.removed_at,
        last_error: overview.last_error.or(overview.account_error),
        is_mirrored: true,
        latest,
        walks: walks.into_iter().map(walk).collect(),
    }
}
