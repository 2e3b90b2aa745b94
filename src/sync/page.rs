//! One page: asked for, perhaps ahead of time, and looked up in the file.

use tokio_util::task::AbortOnDropHandle;

use crate::api::{Answer, Client, Reading, UserRow, UsersPage};
use crate::directory::DirectoryId;
use crate::registration::{Fingerprint, RegistrationId};
use crate::store::{Content, DirectoryKey, Store, StoreError};
use crate::walk::{PageNumber, Row, Stored};

/// Asks for a directory's pages; the next one while this one is looked up, where it is certain.
#[derive(Debug)]
pub(super) struct Pages {
    client: Client,
    directory: DirectoryId,
    /// What the account counts from.
    first_page: u8,
    ahead: Option<(PageNumber, AbortOnDropHandle<Answer<UsersPage>>)>,
}

impl Pages {
    pub(super) fn new(client: Client, directory: DirectoryId, first_page: u8) -> Self {
        Self { client, directory, first_page, ahead: None }
    }

    /// The page's answer. Still one request in flight: what was asked for ahead is this page.
    pub(super) async fn fetch(&mut self, page: PageNumber) -> Answer<UsersPage> {
        match self.ahead.take() {
            Some((ahead, handle)) if ahead == page => match handle.await {
                Ok(answer) => answer,
                Err(stopped) => std::panic::resume_unwind(stopped.into_panic()),
            },
            _ => self.client.fetch_users(&self.directory, self.numbered(page)).await,
        }
    }

    /// Begins to ask for a page that is certain to be next.
    pub(super) fn fetch_ahead(&mut self, page: PageNumber) {
        let (client, directory, number) = (self.client.clone(), self.directory.clone(), self.numbered(page));
        let task = tokio::spawn(async move { client.fetch_users(&directory, number).await });
        self.ahead = Some((page, AbortOnDropHandle::new(task)));
    }

    /// As the account counts.
    fn numbered(&self, page: PageNumber) -> u32 {
        page.0 - 1 + u32::from(self.first_page)
    }

    pub(super) fn reading(&self) -> &Reading {
        self.client.reading()
    }
}

/// What the file holds of a page's rows; those that changed are decoded. `warn` is told of fields
/// that could not be read.
pub(super) async fn look_up(
    store: &Store,
    directory: DirectoryKey,
    reading: &Reading,
    rows: Vec<UserRow>,
    mut warn: impl FnMut(&'static str),
) -> Result<Vec<Row<Content>>, StoreError> {
    let asked: Vec<(RegistrationId, Fingerprint)> =
        rows.iter().map(|row| (row.id.clone(), row.fingerprint)).collect();
    let known = store.find_known(directory, &asked).await?;
    let rows = rows.iter().zip(known).map(|(row, known)| match known {
        Some(known) if known.is_unchanged => Row {
            id: row.id.clone(),
            date: known.registered_at,
            stored: Some(known.stored),
            payload: Content::Unchanged,
        },
        _ => {
            let (registration, warnings) = reading.registration(row);
            warnings.iter().for_each(|warning| warn(warning.field));
            let date = registration.registered_at;
            let stored = known.map(|known| Stored {
                is_in_order: known.stored.is_in_order && known.registered_at == date,
                ..known.stored
            });
            Row { id: row.id.clone(), date, stored, payload: Content::Decoded(Box::new(registration)) }
        }
    });
    Ok(rows.collect())
}
