//! Carries out one walk: what it commands, and what happened of it. Decides nothing.

use std::collections::{BTreeMap, VecDeque};

use tokio::sync::oneshot::error::TryRecvError;
use tokio_util::sync::CancellationToken;

use super::observer::{Observer, Progressed};
use super::page::{self, Pages};
use super::report::Trouble;
use crate::api::ApiError;
use crate::clock;
use crate::store::{Brake, Content, Figures, KnownDirectory, Progress, Saved, Store, StoreError, WalkHandle};
use crate::walk::{Event, Failure, Finish, Kind, Next, Outcome, Page, PageNumber, Save, SaveNumber, Walk};

/// The vendor's page, documented: at most 100 rows.
const ROWS_A_PAGE: usize = 100;

/// What a walk needs besides its directory.
pub(super) struct Setting<'a> {
    pub(super) store: &'a Store,
    pub(super) brake: Brake,
    pub(super) observer: &'a Observer,
    pub(super) stop: &'a CancellationToken,
}

/// A walk that was carried out.
pub(super) struct Walked {
    pub(super) figures: Figures,
    pub(super) trouble: Option<Trouble>,
    /// How many values of which fields could not be read.
    pub(super) unreadable: BTreeMap<&'static str, u64>,
    /// Every page number was answered with the first page.
    pub(super) is_page_number_ignored: bool,
}

/// Walks a directory to the walk's end. An error is the file's: then the walk has no row there, or
/// one that stays unfinished until the file is opened again.
pub(super) async fn walk(
    setting: &Setting<'_>,
    directory: &KnownDirectory,
    pages: Pages,
    kind: Kind,
) -> Result<Walked, StoreError> {
    let (handle, start) = setting.store.begin_walk(directory.key, kind, ROWS_A_PAGE, clock::now()).await?;
    let (walk, first) = Walk::begin(start);
    let mut run = Run {
        setting,
        directory,
        handle,
        walk,
        pages,
        progress: Progress::default(),
        unsaved: VecDeque::new(),
        failure: None,
        unreadable: BTreeMap::new(),
    };
    if let Some(room) = setting.store.look_up_room().filter(|room| !room.lets_walk()) {
        return run.record_failure(StoreError::NoRoom { free_bytes: room.free_bytes }).await;
    }
    let finish = match run.read_on(first).await {
        Ok(finish) => finish,
        Err(error) => return run.record_failure(error).await,
    };
    run.finish(finish).await
}

struct Run<'a> {
    setting: &'a Setting<'a>,
    directory: &'a KnownDirectory,
    handle: WalkHandle,
    walk: Walk<Content>,
    pages: Pages,
    progress: Progress,
    unsaved: VecDeque<(SaveNumber, Saved<()>)>,
    failure: Option<ApiError>,
    unreadable: BTreeMap<&'static str, u64>,
}

impl Run<'_> {
    async fn read_on(&mut self, first: PageNumber) -> Result<Finish, StoreError> {
        let mut page = first;
        loop {
            let stop = self.setting.stop;
            let event = tokio::select! {
                biased;
                () = stop.cancelled() => Event::Stopped,
                event = self.ask(page) => event?,
            };
            let step = self.walk.step(event);
            for save in step.saves {
                self.hand_over(save).await?;
            }
            match step.next {
                Next::Fetch(next) => page = next,
                Next::Finish(finish) => {
                    self.wait_for_saves().await?;
                    return Ok(*finish);
                }
                Next::Wait => unreachable!("Invariant: an answer is never answered with waiting"),
            }
        }
    }

    async fn ask(&mut self, page: PageNumber) -> Result<Event<Content>, StoreError> {
        let answer = self.pages.fetch(page).await;
        self.progress.requests += u64::from(answer.requests);
        match answer.result {
            Ok(answered) => {
                self.progress.pages += 1;
                let page_rows = answered.rows_answered as u64;
                self.progress.rows_read += page_rows;
                let ids: Vec<_> = answered.rows.iter().map(|row| row.id.clone()).collect();
                if let Some(next) = self.walk.next_if_plain(&ids, answered.rows_answered) {
                    self.pages.fetch_ahead(next);
                    // The request goes out first: what is done here would else delay every page.
                    tokio::task::yield_now().await;
                }
                // Before the look-up, never after: it has to see every save that the walk is told of.
                self.tell_saved()?;
                let (store, key) = (self.setting.store, self.directory.key);
                let warn = |field| *self.unreadable.entry(field).or_default() += 1;
                let rows = page::look_up(store, key, self.pages.reading(), answered.rows, warn).await?;
                (self.setting.observer)(&Progressed::Read {
                    directory: &self.directory.id,
                    pages: self.progress.pages,
                    rows: self.progress.rows_read,
                    page_rows,
                });
                Ok(Event::Answered(Page {
                    rows,
                    rows_answered: answered.rows_answered,
                    rows_without_id: answered.rows_without_id,
                }))
            }
            Err(error) => {
                let is_rejected = matches!(&error, ApiError::WrongParameter { codes }
                    if codes.iter().any(|code| (300..=304).contains(code)));
                self.failure = Some(error);
                Ok(if is_rejected { Event::Rejected } else { Event::Unanswered })
            }
        }
    }

    async fn hand_over(&mut self, save: Save<Content>) -> Result<(), StoreError> {
        let number = save.number;
        let saved = self.setting.store.save(&self.handle, save, self.progress, clock::now()).await?;
        self.unsaved.push_back((number, saved));
        Ok(())
    }

    /// Tells the walk what has reached the disk by now.
    fn tell_saved(&mut self) -> Result<(), StoreError> {
        let mut through = None;
        while let Some((number, saved)) = self.unsaved.front_mut() {
            match saved.try_recv() {
                Ok(result) => result?,
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Closed) => return Err(StoreError::Closed),
            }
            through = Some(*number);
            self.unsaved.pop_front();
        }
        if let Some(through) = through {
            let _waits = self.walk.step(Event::Saved(through));
        }
        Ok(())
    }

    async fn wait_for_saves(&mut self) -> Result<(), StoreError> {
        while let Some((_, saved)) = self.unsaved.pop_front() {
            saved.await.unwrap_or(Err(StoreError::Closed))?;
        }
        Ok(())
    }

    async fn finish(self, finish: Finish) -> Result<Walked, StoreError> {
        let trouble = self.trouble(finish.outcome);
        let is_page_number_ignored = finish.outcome == Outcome::Failed(Failure::PageNumberIgnored);
        let error = trouble.as_ref().map(|trouble| trouble.text.clone());
        let Setting { store, brake, .. } = *self.setting;
        let figures = store.finish(&self.handle, finish, error, self.progress, brake, clock::now()).await?;
        // The brake speaks up only when the file is written.
        let trouble = trouble.or_else(|| figures.error.clone().map(Trouble::other));
        Ok(Walked { figures, trouble, unreadable: self.unreadable, is_page_number_ignored })
    }

    /// The file could not be written: the walk's row should at least say so, if that can be written.
    async fn record_failure(self, error: StoreError) -> Result<Walked, StoreError> {
        let finish = Finish {
            outcome: Outcome::Failed(Failure::Unanswered),
            settles: false,
            evidence: None,
            seen: None,
            proves_order: false,
            learned: crate::walk::Learned::default(),
        };
        let Setting { store, brake, .. } = *self.setting;
        let text = Some(error.to_string());
        let written = store.finish(&self.handle, finish, text, self.progress, brake, clock::now()).await;
        match written {
            Ok(figures) => {
                let trouble = Some(Trouble::from(&error));
                Ok(Walked { figures, trouble, unreadable: self.unreadable, is_page_number_ignored: false })
            }
            Err(_) => Err(error),
        }
    }

    fn trouble(&self, outcome: Outcome) -> Option<Trouble> {
        match outcome {
            Outcome::Complete => None,
            Outcome::Cancelled => Some(Trouble::other("the program was asked to stop")),
            Outcome::Failed(Failure::Unanswered) => Some(match &self.failure {
                Some(error) => Trouble::from(error),
                None => Trouble::other("a page was not answered"),
            }),
            Outcome::Failed(Failure::PageNumberIgnored) => Some(Trouble {
                hint: Some("run `probe`; the API may have changed how pages are asked for".to_owned()),
                ..Trouble::other("every page number is answered with the first page")
            }),
            Outcome::Failed(Failure::TooBusyToTell) => {
                Some(Trouble::other("registrations came too fast to tell the last page from a pushed one"))
            }
            Outcome::Failed(Failure::RowsWithoutId(rows)) => Some(Trouble {
                hint: Some("run `probe`; a key can be added to [api.aliases]".to_owned()),
                ..Trouble::other(format!("{rows} rows had no ID"))
            }),
            Outcome::Failed(Failure::Endless) => Some(Trouble::other("the list has no end")),
        }
    }
}
