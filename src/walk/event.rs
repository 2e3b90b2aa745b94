//! What goes into a walk and what comes out of it.

use roaring::RoaringTreemap;

use crate::instant::UtcInstant;
use crate::registration::RegistrationId;

/// A walk's key in the file. Given before the walk starts; its row is written with its first save.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WalkKey(pub i64);

/// A registration's key in the file: small, dense, never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegistrationKey(pub i64);

/// A page of the list, counted from 1 whatever the account counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PageNumber(pub u32);

/// Counts a walk's saves from 1; they are made durable in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SaveNumber(pub u64);

/// How far a walk reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// To the first page on which a settled registration is followed by settled ones only.
    Incremental,
    /// To the end of the list.
    Full,
}

impl Kind {
    /// The word in the file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Incremental => "incremental",
            Self::Full => "full",
        }
    }
}

/// An earlier walk of this directory that found registrations and is not settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsettled {
    /// The walk.
    pub walk: WalkKey,
    /// The walk that it is one stretch with: itself, or a later one that reached its rows.
    pub stretch: WalkKey,
    /// How many registrations it found (rows in the file that carry its key).
    pub rows: u64,
    /// Whether a row without an ID stood among them ([`Save::leaves_gap`]): then they are not one
    /// stretch, and nobody jumps over them.
    pub has_gap: bool,
}

/// What is known when a walk begins.
#[derive(Clone, Debug)]
pub struct Start {
    /// This walk's key.
    pub walk: WalkKey,
    /// How far it reads.
    pub kind: Kind,
    /// A page with fewer rows is short.
    pub rows_a_page: usize,
    /// Whether the file holds registrations of this directory that stand (are not removed).
    pub has_standing: bool,
    /// Earlier walks of this directory that are not settled.
    pub unsettled: Vec<Unsettled>,
    /// Whether dates prove something in this directory.
    pub in_order: bool,
    /// What is known of the account's answers.
    pub learned: Learned,
}

/// What walks find out of an account's answers; only ever turns true, and is remembered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Learned {
    /// It gives short pages with more behind them: it filters after paging.
    pub gives_short_pages: bool,
    /// It has answered two page numbers differently.
    pub tells_pages_apart: bool,
}

/// What the file held of a row when its page was looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its key.
    pub key: RegistrationKey,
    /// The walk that found it.
    pub walk: WalkKey,
    /// Whether its date is known to be in order: not if it is removed, nor if it was missing when
    /// [`Finish::proves_order`] last brought the order back, nor if the file's date is another than
    /// the row's.
    pub is_in_order: bool,
}

/// A row of a page. `R` is what the shell keeps of it; the walk carries it and never looks inside.
#[derive(Clone, Debug)]
pub struct Row<R> {
    /// The vendor's ID.
    pub id: RegistrationId,
    /// The registration date.
    pub date: Option<UtcInstant>,
    /// What the file held of it at look-up, which saw at least every save reported as saved.
    pub stored: Option<Stored>,
    /// The shell's.
    pub payload: R,
}

/// A page as answered: rows in the answer's order, no ID twice.
#[derive(Clone, Debug)]
pub struct Page<R> {
    /// Its rows.
    pub rows: Vec<Row<R>>,
    /// How many rows the answer held, those without an ID and those given twice included.
    pub rows_answered: usize,
    /// Rows that had no ID: what they were read in is not complete.
    pub rows_without_id: usize,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum Event<R> {
    /// The page that was asked for was answered.
    Answered(Page<R>),
    /// It was answered with an error of the wrong-parameter class (300 to 304).
    Rejected,
    /// It was not answered, or not in a way that could be understood, for good.
    Unanswered,
    /// Every save up to this one is on disk. Never reported between a page's look-up and its
    /// `Answered`.
    Saved(SaveNumber),
    /// The program is asked to stop.
    Stopped,
}

/// What to do now: hand over the saves, in order, then go on with `next`.
#[derive(Clone, Debug)]
pub struct Step<R> {
    /// To be made durable in this order; fetching goes on meanwhile.
    pub saves: Vec<Save<R>>,
    /// What comes next.
    pub next: Next,
}

/// What a walk does next.
#[derive(Clone, Debug)]
pub enum Next {
    /// Nothing: an answer is still awaited.
    Wait,
    /// Ask for this page.
    Fetch(PageNumber),
    /// Nothing more: once every save is on disk, write this.
    Finish(Box<Finish>),
}

/// Dates strictly between the two; `None` reaches without bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// Later than this.
    pub after: Option<UtcInstant>,
    /// Earlier than this.
    pub before: Option<UtcInstant>,
}

/// A page as evidence: settled registrations that stand in the file, whose date lies in the
/// interval and that are not on the page, are gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Which dates the page speaks of.
    pub interval: Interval,
    /// Which registrations it shows.
    pub page: Vec<RegistrationId>,
}

/// One page's worth of what is to be made durable, in one transaction, in this order: broken
/// order, evidence, rows, joins, settling.
#[derive(Clone, Debug)]
pub struct Save<R> {
    /// Its number.
    pub number: SaveNumber,
    /// Dates have stopped proving anything in this directory: void what is half proven.
    pub breaks_order: bool,
    /// What the page proves gone, by what was settled before this save.
    pub evidence: Option<Evidence>,
    /// Registrations that stand upstream: new, changed or unchanged. Seen again, `missing` is
    /// cleared and `removed` is restored.
    pub rows: Vec<Row<R>>,
    /// How many of the new ones a walk that settled what is above them should have shown.
    pub recovered: u64,
    /// Unsettled walks that are one stretch with this one from now on.
    pub joins: Vec<WalkKey>,
    /// Everything unsettled was crossed: this walk and every earlier one of this directory is
    /// settled.
    pub settles: bool,
    /// A row without an ID stood among these: what this walk found is not one stretch.
    pub leaves_gap: bool,
    /// What is known of the account's answers by now.
    pub learned: Learned,
}

/// How a walk ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It met settled rows or the end of the list.
    Complete,
    /// It could not.
    Failed(Failure),
    /// The program was asked to stop.
    Cancelled,
}

/// Why a walk failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// A page was not answered, or not in a way that could be understood. The shell knows why.
    Unanswered,
    /// Every page number gives the first page.
    PageNumberIgnored,
    /// Newcomers came faster than it could be told where a page stands: the last one again, or one
    /// that was pushed.
    TooBusyToTell,
    /// This many rows had no ID.
    RowsWithoutId(usize),
    /// More pages than any list has.
    Endless,
}

/// The end of a walk, in one transaction, in this order: settling, evidence, removals, missing,
/// order.
#[derive(Clone, Debug)]
pub struct Finish {
    /// How it ended.
    pub outcome: Outcome,
    /// This walk and every earlier one of this directory is settled.
    pub settles: bool,
    /// What the last page proves gone, now that everything is settled.
    pub evidence: Option<Evidence>,
    /// A complete full walk: what stood in the file when it began, was found by another walk and
    /// is not among these keys is missing.
    pub seen: Option<RoaringTreemap>,
    /// A complete full walk saw every date in order. If order was broken, dates prove something
    /// again from now on, of the registrations that are neither missing nor removed now.
    pub proves_order: bool,
    /// What is known of the account's answers by now.
    pub learned: Learned,
}
