//! `directoryusers/list`: one page of a directory's list, as it stands or as a fault shows it.

use crate::simulator::behaviour::Behaviour;
use crate::simulator::directory::Directory;
use crate::simulator::fault::{Fault, FaultKind};
use crate::simulator::list::Row;
use crate::simulator::mutation::{Churn, Mutation};
use crate::simulator::render::{ApiError, RowWriter, Shape, success, write_list};
use crate::simulator::variant::{Container, PageNumbers, PastEnd, RepeatedRows};
use crate::simulator::world::World;

use super::directories::named;
use super::request::Incoming;

const REPEATED_ROWS_EVERY: usize = 20;

/// Which page is meant, counted from 0.
enum Asked {
    Page(u64),
    Empty,
    Rejected,
}

enum Content {
    Rows(Vec<Row>),
    Absent,
    Text(&'static str),
}

/// The page that a number means, counted from 1; `None` if it means none.
pub fn page_counted_from_one(behaviour: &Behaviour, page: Option<&str>) -> Option<u64> {
    match asked(behaviour, page) {
        Asked::Page(page) => page.checked_add(1),
        Asked::Empty | Asked::Rejected => None,
    }
}

/// One page of a directory's registrations.
pub fn list(
    world: &World,
    behaviour: &Behaviour,
    account: usize,
    incoming: &Incoming,
    fault: Option<&Fault>,
) -> Result<String, ApiError> {
    let directory = named(world, account, incoming)?;
    let content = match asked(behaviour, incoming.page()) {
        Asked::Rejected => return Err(ApiError::new(301, "Page is wrong.")),
        Asked::Empty => nothing(behaviour),
        Asked::Page(page) => select(world, behaviour, &directory, page, fault)?,
    };
    let shape = match fault.map(|fault| fault.kind) {
        Some(FaultKind::UnknownShape) => Shape::Unknown,
        _ => shape(behaviour),
    };
    Ok(match content {
        Content::Absent => success(behaviour, Shape::Nothing, |_| ()),
        Content::Text(text) => success(behaviour, shape, |out| out.push_str(text)),
        Content::Rows(rows) => success(behaviour, shape, |out| {
            let mut writer = RowWriter::new(behaviour, directory.seed);
            write_list(out, behaviour, repeated(behaviour, &rows), |out, row| {
                writer.write_registration(out, row);
            });
        }),
    })
}

fn asked(behaviour: &Behaviour, page: Option<&str>) -> Asked {
    let Some(page) = page else {
        return Asked::Page(0);
    };
    let Ok(number) = page.parse::<u64>() else {
        return Asked::Rejected;
    };
    match (behaviour.page_numbers, number) {
        (PageNumbers::Ignored, _) => Asked::Page(0),
        (PageNumbers::FromZero, number) => Asked::Page(number),
        (PageNumbers::FromOneZeroRejected, 0) => Asked::Rejected,
        (PageNumbers::FromOneZeroEmpty, 0) => Asked::Empty,
        (_, number) => Asked::Page(number.saturating_sub(1)),
    }
}

fn select(
    world: &World,
    behaviour: &Behaviour,
    directory: &Directory,
    page: u64,
    fault: Option<&Fault>,
) -> Result<Content, ApiError> {
    let mut list = directory.list();
    if behaviour.before_each_page != Churn::default() {
        world.mutate_list(&mut list, &Mutation::from(behaviour.before_each_page));
    }
    let old;
    let (rows, page) = match fault.map(|fault| fault.kind) {
        Some(FaultKind::EmptyPage) => return Ok(nothing(behaviour)),
        Some(FaultKind::OutdatedPage) => {
            old = list.as_it_was(fault.and_then(|fault| fault.changes).unwrap_or(1));
            (old.as_slice(), page)
        }
        Some(FaultKind::RepeatedPage) => (list.rows(), page.saturating_sub(1)),
        _ => (list.rows(), page),
    };
    let pages = rows.len().div_ceil(behaviour.rows_a_page) as u64;
    let page = match behaviour.past_end {
        _ if page < pages => page,
        PastEnd::LastPage if pages > 0 => pages - 1,
        PastEnd::FirstPage if pages > 0 => 0,
        PastEnd::Error301 if page > 0 => return Err(ApiError::new(301, "Page is wrong.")),
        _ => return Ok(nothing(behaviour)),
    };
    let mut shown = page_of(behaviour, rows, page);
    if let Some(fault) = fault {
        shorten(&mut shown, fault);
    }
    Ok(Content::Rows(shown))
}

fn page_of(behaviour: &Behaviour, rows: &[Row], page: u64) -> Vec<Row> {
    let before = usize::try_from(page).unwrap_or(usize::MAX).saturating_mul(behaviour.rows_a_page);
    rows.iter()
        .rev()
        .skip(before)
        .take(behaviour.rows_a_page)
        .filter(|row| behaviour.shows(row.number))
        .copied()
        .collect()
}

fn shorten(shown: &mut Vec<Row>, fault: &Fault) {
    let len = shown.len();
    let of = |default: usize| fault.rows.unwrap_or(default).min(len);
    match fault.kind {
        FaultKind::ShortPage => shown.truncate(of(len / 2)),
        FaultKind::CutPage => drop(shown.drain(..of(len / 2))),
        FaultKind::HoledPage => {
            let hole = of(len / 3);
            let from = (len - hole) / 2;
            shown.drain(from..from + hole);
        }
        _ => {}
    }
}

/// How a page without rows is given.
fn nothing(behaviour: &Behaviour) -> Content {
    match behaviour.past_end {
        PastEnd::Absent => Content::Absent,
        PastEnd::Null => Content::Text("null"),
        PastEnd::EmptyText => Content::Text("\"\""),
        PastEnd::Empty | PastEnd::Error301 | PastEnd::LastPage | PastEnd::FirstPage => {
            Content::Rows(Vec::new())
        }
    }
}

fn repeated<'a>(behaviour: &Behaviour, rows: &'a [Row]) -> impl Iterator<Item = &'a Row> {
    let twice = behaviour.repeated_rows == RepeatedRows::Some;
    rows.iter().enumerate().flat_map(move |(place, row)| {
        let times = if twice && place % REPEATED_ROWS_EVERY == 0 { 2 } else { 1 };
        std::iter::repeat_n(row, times)
    })
}

fn shape(behaviour: &Behaviour) -> Shape {
    Shape::Under(match behaviour.container {
        Container::UserInfo => "user_info",
        Container::Users => "users",
        Container::User => "user",
        Container::DirectoryUsers => "directoryusers",
        Container::DirectoryUser => "directory_user",
        Container::Registrations => "registrations",
        Container::Registration => "registration",
        Container::RegisteredUsers => "registeredUsers",
        Container::Data => "data",
        Container::List => "list",
        Container::UnknownName => "abonnees",
        Container::UnknownShape => return Shape::Unknown,
    })
}
