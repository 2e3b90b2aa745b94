//! Drives the shipped walk over the upstream and the disk as the runner does: saves are made
//! durable in order, some time after they were handed over; a crash loses those that were not.
//! `SEED=2110 ROWS_A_PAGE=5` shows every request of that history.

use std::collections::VecDeque;

use coupontools_mirror::instant::UtcInstant;
use coupontools_mirror::registration::RegistrationId;
use coupontools_mirror::walk::{
    Event, Kind, Next, Outcome, Page, PageNumber, Row, Save, SaveNumber, Step, Walk, WalkKey,
};

use crate::answer::Answer;
use crate::disk::Disk;
use crate::upstream::{Person, Upstream};

/// How a driven walk ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Finished(Outcome),
    Crashed,
    /// More requests than any walk here needs.
    Endless,
    /// The page to fetch next was certain before the look-up, and then it was not needed.
    Misled,
}

impl End {
    pub fn is_complete(self) -> bool {
        self == End::Finished(Outcome::Complete)
    }
}

/// What becomes of saves.
#[derive(Clone, Copy, Debug)]
pub struct Fate {
    /// How many may wait for the disk.
    pub lag: usize,
    /// The program dies when so many are durable.
    pub dies_after: Option<usize>,
}

impl Fate {
    pub const PROMPT: Self = Self { lag: 0, dies_after: None };

    pub fn dying_after(saves: usize) -> Self {
        Self { lag: 0, dies_after: Some(saves) }
    }
}

/// No walk over the lists here needs as many.
const REQUESTS_MAX: u32 = 2_000;

struct Drive<'a> {
    disk: &'a mut Disk,
    upstream: &'a mut Upstream,
    walk: Walk<u32>,
    me: WalkKey,
    fate: Fate,
    waiting: VecDeque<Save<u32>>,
    durable: usize,
}

/// One walk, its saves durable at once.
pub fn walk(disk: &mut Disk, upstream: &mut Upstream, kind: Kind) -> End {
    walk_by(disk, upstream, kind, Fate::PROMPT)
}

/// One walk, to its end or a crash.
pub fn walk_by(disk: &mut Disk, upstream: &mut Upstream, kind: Kind, fate: Fate) -> End {
    let start = disk.begin(kind, upstream.rows_expected);
    upstream.truth.begin_walk();
    let (me, has_removed) = (start.walk, disk.rows.values().any(|kept| kept.is_removed));
    let (walk, mut page) = Walk::begin(start);
    let mut drive = Drive { disk, upstream, walk, me, fate, waiting: VecDeque::new(), durable: 0 };
    let requests = drive.upstream.requests;
    let is_shown = std::env::var_os("SEED").is_some();
    loop {
        if drive.upstream.requests - requests >= REQUESTS_MAX {
            return End::Endless;
        }
        let Some((event, plain)) = drive.fetch(page.0) else { return End::Crashed };
        let told = if is_shown { format!("{me:?} {kind:?} {page:?}: {event:?}") } else { String::new() };
        let step = drive.walk.step(event);
        if is_shown {
            show(&told, &step);
        }
        drive.waiting.extend(step.saves);
        match step.next {
            Next::Fetch(next) => {
                // To look at pages above first is the walk's right.
                if plain.is_some_and(|plain| next > plain) && !has_removed {
                    return End::Misled;
                }
                page = next;
            }
            Next::Wait => panic!("an answer was given, and the walk waits"),
            Next::Finish(finish) => {
                if plain.is_some() && !has_removed {
                    return End::Misled;
                }
                let survives = !drive.dies() && drive.flush(usize::MAX).1 && !drive.dies();
                if !survives {
                    return End::Crashed;
                }
                drive.disk.finish(me, &finish);
                return End::Finished(finish.outcome);
            }
        }
    }
}

impl Drive<'_> {
    fn dies(&mut self) -> bool {
        self.upstream.crashing > 0.0 && self.upstream.chance(0.1)
    }

    /// Asks, tells the walk what is on disk by now, then looks the answer up. `None`: crashed.
    fn fetch(&mut self, page: u32) -> Option<(Event<u32>, Option<PageNumber>)> {
        let answer = self.upstream.answer(page);
        let (saved, mut survives) = self.flush_some();
        if let Some(number) = saved {
            let step = self.walk.step(Event::Saved(number));
            assert!(step.saves.is_empty() && matches!(step.next, Next::Wait));
        }
        // More may reach the disk before the look-up, without the walk being told.
        survives = survives && self.flush_some().1;
        match answer {
            _ if !survives => None,
            Answer::Crash => {
                self.flush_some();
                None
            }
            Answer::Unanswered => Some((Event::Unanswered, None)),
            Answer::Stopped => Some((Event::Stopped, None)),
            Answer::Rejected => Some((Event::Rejected, None)),
            Answer::Page { rows, without_id } => {
                let ids: Vec<RegistrationId> = rows.iter().map(id_of).collect();
                let rows_answered = rows.len() + without_id;
                let plain = self.walk.next_if_plain(&ids, rows_answered);
                let rows = rows.iter().map(|person| self.look_up(person)).collect();
                Some((Event::Answered(Page { rows, rows_answered, rows_without_id: without_id }), plain))
            }
        }
    }

    fn look_up(&self, person: &Person) -> Row<u32> {
        let date = person.date.and_then(UtcInstant::from_unix_s);
        Row { id: id_of(person), date, stored: self.disk.find(person.id, date), payload: person.version }
    }

    /// Makes durable what the lag does not let wait, and now and then more.
    fn flush_some(&mut self) -> (Option<SaveNumber>, bool) {
        let excess = self.waiting.len().saturating_sub(self.fate.lag);
        let more = match self.fate.lag {
            0 => 0,
            1..=4 => self.upstream.number(4) as usize,
            _ if self.upstream.chance(0.1) => self.waiting.len(),
            _ => 0,
        };
        self.flush(excess.max(more))
    }

    /// The last save that was made durable, and whether the program lives on.
    fn flush(&mut self, most: usize) -> (Option<SaveNumber>, bool) {
        let mut last = None;
        for save in self.waiting.drain(..most.min(self.waiting.len())) {
            if self.fate.dies_after == Some(self.durable) {
                return (last, false);
            }
            self.disk.save(self.me, &save);
            self.durable += 1;
            last = Some(save.number);
        }
        (last, true)
    }
}

fn id_of(person: &Person) -> RegistrationId {
    RegistrationId::new(person.id.to_string())
}

fn show(told: &str, step: &Step<u32>) {
    eprintln!("{told}");
    for save in &step.saves {
        let ids: Vec<&str> = save.rows.iter().map(|row| row.id.as_str()).collect();
        let Save { breaks_order, evidence, recovered, joins, settles, .. } = save;
        eprintln!(
            "  saves {ids:?}, breaks order: {breaks_order}, recovered {recovered}, joins {joins:?}, settles: {settles}, {evidence:?}"
        );
    }
    eprintln!("  {:?}", step.next);
}
