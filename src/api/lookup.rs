//! Looking keys up: the built-in spellings (`aliases.rs`) with the operator's additions.

use std::collections::{BTreeMap, HashMap};

use thiserror::Error;

use super::aliases::{BUILT_IN, Field};
use super::key::{KEY_BYTES_MAX, Key};
use super::raw::is_secret;

/// The most spellings that an operator may add for one field.
const ADDITIONS_MAX: usize = 32;

/// A key that rows of one sort are read by.
#[derive(Clone, Copy)]
pub(super) struct Spelling {
    pub(super) field: Field,
    /// Lower is preferred.
    pub(super) rank: u16,
    /// Kept out of `raw`.
    pub(super) secret: bool,
}

/// Spellings of keys: the built-in ones and the operator's, which are preferred.
#[derive(Clone)]
pub struct Aliases {
    user: HashMap<Box<[u8]>, Spelling>,
    directory: HashMap<Box<[u8]>, Spelling>,
    containers: HashMap<(Field, Box<[u8]>), u16>,
    digest: u64,
}

/// Why an addition can't be taken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AliasError {
    /// No field has this name.
    #[error("no field is named `{name}`; known are {}", known_names())]
    UnknownField {
        /// As the operator wrote it.
        name: String,
    },
    /// Nothing that can be compared, or too long.
    #[error("`{field}` has a spelling that is empty or longer than {KEY_BYTES_MAX} bytes")]
    BadSpelling {
        /// Where it stands.
        field: String,
    },
    /// A limit on what is compared with every key.
    #[error("`{field}` has more than {ADDITIONS_MAX} spellings")]
    TooMany {
        /// Where they stand.
        field: String,
    },
    /// One key can't mean two things.
    #[error("the same spelling is given to `{first}` and to `{second}`")]
    Twice {
        /// The field that has it.
        first: String,
        /// The field that is to have it too.
        second: String,
    },
}

fn known_names() -> String {
    BUILT_IN.iter().map(|(_, name, _)| *name).collect::<Vec<_>>().join(", ")
}

impl Default for Aliases {
    fn default() -> Self {
        Self::with_additions(BTreeMap::new()).expect("Invariant: no addition, no error")
    }
}

impl std::fmt::Debug for Aliases {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Aliases").field("digest", &self.digest).finish_non_exhaustive()
    }
}

impl Aliases {
    /// The built-in spellings and these, by the name of the field or of the container
    /// (`registrations`, `directories`, `wrapper`). A built-in spelling of another field is taken
    /// from it.
    ///
    /// # Errors
    /// An unknown field (the error lists the known ones), a spelling that nothing can equal, too
    /// many of them, or one given to two fields of the same row.
    pub fn with_additions(additions: BTreeMap<String, Vec<String>>) -> Result<Self, AliasError> {
        let mut aliases =
            Self { user: HashMap::new(), directory: HashMap::new(), containers: HashMap::new(), digest: 0 };
        for (name, spellings) in &additions {
            let Some((field, name, _)) = BUILT_IN.iter().find(|(_, known, _)| known == name) else {
                return Err(AliasError::UnknownField { name: name.chars().take(KEY_BYTES_MAX).collect() });
            };
            if spellings.len() > ADDITIONS_MAX {
                return Err(AliasError::TooMany { field: (*name).to_owned() });
            }
            for spelling in spellings {
                let key = Key::of(spelling).filter(|key| !key.as_bytes().is_empty());
                let key = key.ok_or_else(|| AliasError::BadSpelling { field: (*name).to_owned() })?;
                if let Some(other) = aliases.add(*field, &key).filter(|other| other != field) {
                    return Err(AliasError::Twice {
                        first: other.name().to_owned(),
                        second: (*name).to_owned(),
                    });
                }
            }
        }
        for (field, _, spellings) in BUILT_IN {
            for spelling in *spellings {
                let key = Key::of(spelling).expect("Invariant: built-in spellings are short");
                aliases.add(*field, &key);
            }
        }
        aliases.digest = aliases.digest();
        Ok(aliases)
    }

    /// Adds a spelling behind those that are there; answers which field already has it.
    fn add(&mut self, field: Field, key: &Key) -> Option<Field> {
        let bytes: Box<[u8]> = key.as_bytes().into();
        if field.is_container() {
            let rank = self.containers.keys().filter(|(other, _)| *other == field).count() as u16;
            self.containers.entry((field, bytes)).or_insert(rank);
            return None;
        }
        let table = if field.is_of_directory() { &mut self.directory } else { &mut self.user };
        if let Some(there) = table.get(&bytes) {
            return Some(there.field);
        }
        let rank = table.values().filter(|other| other.field == field).count() as u16;
        let secret = is_secret(&bytes);
        table.insert(bytes, Spelling { field, rank, secret });
        None
    }

    /// What this key of a user's row means, and whether it says that its date is in UTC.
    pub(super) fn of_user(&self, key: &Key) -> Option<(Spelling, bool)> {
        if let Some(found) = self.user.get(key.as_bytes()) {
            return Some((*found, found.field.is_date() && key.without_utc().is_some()));
        }
        let found = self.user.get(key.without_utc()?)?;
        found.field.is_date().then_some((*found, true))
    }

    /// What this key of a directory's row means.
    pub(super) fn of_directory(&self, key: &Key) -> Option<Spelling> {
        self.directory.get(key.as_bytes()).copied()
    }

    /// How preferred this key is for the container (lower is better), if it is one of its names.
    pub(super) fn of_container(&self, container: Field, spelling: &str) -> Option<u16> {
        let key = Key::of(spelling)?;
        self.containers.get(&(container, key.as_bytes().into())).copied()
    }

    /// Changes with every spelling and every preference.
    pub(super) fn fingerprint(&self) -> u64 {
        self.digest
    }

    fn digest(&self) -> u64 {
        let rows = self.user.iter().chain(&self.directory).map(|(key, s)| (s.field.name(), s.rank, key));
        let containers = self.containers.iter().map(|((field, key), rank)| (field.name(), *rank, key));
        let mut all: Vec<_> = rows.chain(containers).collect();
        all.sort_unstable();
        let mut text = Vec::new();
        for (name, rank, key) in all {
            text.extend_from_slice(name.as_bytes());
            text.extend_from_slice(&rank.to_le_bytes());
            text.extend_from_slice(key);
            text.push(0);
        }
        xxhash_rust::xxh3::xxh3_64(&text)
    }
}
