//! Drives the shipped walk over the upstream and the disk as the runner does: saves are made
//! durable in order, some time after they were handed over; a crash loses those that were not.

use std::collections::VecDeque;

use coupontools_mirror::instant::UtcInstant;
use coupontools_mirror::registration::RegistrationId;
use coupontools_mirror::walk::{Event, Kind, Next, Outcome, Page, Row, Save, SaveNumber, Walk, WalkKey};

use crate::disk::Disk;
use crate::upstream::{Answer, Person, Upstream};

/// How a driven walk ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Finished(Outcome),
    Crashed,
}

impl End {
    pub fn is_complete(self) -> bool {
        self == End::Finished(Outcome::Complete)
    }
}

/// No walk over the lists here needs as many.
const REQUESTS_MAX: u32 = 500;

struct Drive<'a> {
    disk: &'a mut Disk,
    upstream: &'a mut Upstream,
    walk: Walk<u32>,
    me: WalkKey,
    waiting: VecDeque<Save<u32>>,
}

/// One walk, to its end or a crash.
pub fn walk(disk: &mut Disk, upstream: &mut Upstream, kind: Kind) -> End {
    let start = disk.begin(kind, upstream.rows_a_page);
    let (me, has_removed) = (start.walk, disk.rows.values().any(|kept| kept.is_removed));
    let (walk, mut page) = Walk::begin(start);
    let mut drive = Drive { disk, upstream, walk, me, waiting: VecDeque::new() };
    let requests = drive.upstream.requests;
    loop {
        assert!(
            drive.upstream.requests - requests < REQUESTS_MAX,
            "an endless walk: {:?}",
            drive.upstream.pages_asked
        );
        let (event, plain) = match drive.fetch(page.0) {
            Some(answered) => answered,
            None => return End::Crashed,
        };
        let step = drive.walk.step(event);
        drive.waiting.extend(step.saves);
        match step.next {
            Next::Fetch(next) => {
                assert!(
                    plain.is_none_or(|plain| plain == next) || has_removed,
                    "{plain:?} was certain, not {next:?}"
                );
                page = next;
            }
            Next::Wait => panic!("an answer was given, and the walk waits"),
            Next::Finish(finish) => {
                if drive.upstream.crashing > 0.0 && drive.upstream.chance(0.1) {
                    return End::Crashed;
                }
                drive.flush(usize::MAX);
                if drive.upstream.crashing > 0.0 && drive.upstream.chance(0.1) {
                    return End::Crashed;
                }
                drive.disk.finish(me, &finish);
                return End::Finished(finish.outcome);
            }
        }
    }
}

impl Drive<'_> {
    /// Asks, tells the walk what is on disk by now, then looks the answer up. `None`: crashed.
    fn fetch(&mut self, page: u32) -> Option<(Event<u32>, Option<coupontools_mirror::walk::PageNumber>)> {
        let answer = self.upstream.answer(page);
        let durable = self.upstream.number(4) as usize;
        let saved = self.flush(durable);
        if let Some(number) = saved {
            let step = self.walk.step(Event::Saved(number));
            assert!(step.saves.is_empty() && matches!(step.next, Next::Wait));
        }
        // More may reach the disk before the look-up, without the walk being told.
        let durable = self.upstream.number(3) as usize;
        self.flush(durable);
        match answer {
            Answer::Crash => {
                let durable = self.upstream.number(3) as usize;
                self.flush(durable);
                None
            }
            Answer::Unanswered => Some((Event::Unanswered, None)),
            Answer::Rejected => Some((Event::Rejected, None)),
            Answer::Page(rows) => {
                let ids: Vec<RegistrationId> = rows.iter().map(id_of).collect();
                let plain = self.walk.next_if_plain(&ids, rows.len());
                let rows_answered = rows.len();
                let rows = rows.iter().map(|person| self.look_up(person)).collect();
                Some((Event::Answered(Page { rows, rows_answered, rows_without_id: 0 }), plain))
            }
        }
    }

    fn look_up(&self, person: &Person) -> Row<u32> {
        let date = person.date.and_then(UtcInstant::from_unix_s);
        Row { id: id_of(person), date, stored: self.disk.find(person.id, date), payload: person.version }
    }

    fn flush(&mut self, most: usize) -> Option<SaveNumber> {
        let mut last = None;
        for _ in 0..most.min(self.waiting.len()) {
            let save = self.waiting.pop_front()?;
            self.disk.save(self.me, &save);
            last = Some(save.number);
        }
        last
    }
}

fn id_of(person: &Person) -> RegistrationId {
    RegistrationId::new(person.id.to_string())
}
