//! What can happen to a directory's list between two requests.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Most registrations that one mutation may concern.
pub const MUTATION_MAX: u32 = 5_000_000;

/// A registration's number, given as `"reg_1000001"`, `"1000001"` or `1000001`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegistrationNumber(pub u32);

/// One change of a list, carried out in the order of these fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mutation {
    /// These deleted registrations come back, with their old IDs and places.
    pub restore: Vec<RegistrationNumber>,
    /// These go.
    pub delete: Vec<RegistrationNumber>,
    /// So many of the newest go.
    pub delete_newest: u32,
    /// So many, anywhere, go.
    pub delete_random: u32,
    /// So many, anywhere, change.
    pub edit: u32,
    /// These change.
    pub edit_ids: Vec<RegistrationNumber>,
    /// So many register.
    pub insert: u32,
}

/// A mutation without names: what happens again and again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Churn {
    /// So many of the newest go.
    pub delete_newest: u32,
    /// So many, anywhere, go.
    pub delete_random: u32,
    /// So many, anywhere, change.
    pub edit: u32,
    /// So many register.
    pub insert: u32,
}

impl From<Churn> for Mutation {
    fn from(churn: Churn) -> Self {
        let Churn { delete_newest, delete_random, edit, insert } = churn;
        Self { delete_newest, delete_random, edit, insert, ..Self::default() }
    }
}

impl Mutation {
    /// Whether every count is within [`MUTATION_MAX`].
    #[must_use]
    pub fn is_within_limits(&self) -> bool {
        [self.insert, self.edit, self.delete_newest, self.delete_random].iter().all(|&n| n <= MUTATION_MAX)
    }
}

impl<'de> Deserialize<'de> for RegistrationNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Spelt {
            Number(u32),
            Text(String),
        }
        match Spelt::deserialize(deserializer)? {
            Spelt::Number(number) => Ok(Self(number)),
            Spelt::Text(text) => text
                .strip_prefix("reg_")
                .unwrap_or(&text)
                .parse()
                .map(Self)
                .map_err(|_| de::Error::custom("a registration's ID reads reg_1000001")),
        }
    }
}

impl Serialize for RegistrationNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("reg_{}", self.0))
    }
}
