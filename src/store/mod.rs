//! The store: the SQLite file that holds the mirror, and all SQL. The schema is in `migrations/`.
//!
//! One writer connection on its own thread (`writer`), a few that only read (`reading`). What a walk
//! hands over is made durable exactly as it says: what may be believed is decided by the walk, not
//! here. The one judgement made here is the brake's (`brake`).

mod access;
mod alert;
mod beside;
mod beside_lock;
mod brake;
mod column;
mod copies;
pub mod erasure;
mod error;
pub mod foreign;
mod handle;
mod header;
mod health;
mod identity;
mod keeper;
mod key;
pub mod ledger;
mod lock;
mod mask;
mod measure;
mod open;
mod past;
pub mod place;
mod reader;
mod reading;
mod restore;
mod setting;
pub mod snapshot;
mod summary;
pub mod view;
mod walk;
mod writer;

pub use access::Access;
pub use alert::{AlertsToSave, SavedAlerts};
pub use brake::Brake;
pub use copies::list_copies;
pub use error::{OpenError, StoreError};
pub use handle::{OpenOptions, Saved, Store};
pub use health::{Content as FileContent, Health, look_at};
pub use identity::is_same_file;
pub use key::{FoundKey, KeyFile, look_at_key, look_at_key_of};
pub use measure::{DirectoryMeasures, Listed, Measures, Sizes, look_up_room};
pub use past::{Deleted, Past};
pub use reader::Reader;
pub use reading::{DirectoryStatus, FileCounts, LastWalk};
pub use restore::{NotTakenOver, Plan, Restored, TakenOver, There, plan_restore, restore};
pub use summary::Summary;
pub use walk::{
    Absent, Account, AccountKey, Content, Counts, DirectoryKey, Figures, Known, KnownDirectory, Progress,
    SavedDirectories, WalkHandle, WalkOutcome,
};
