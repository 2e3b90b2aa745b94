//! What the file says, made afresh at each scrape: a directory that is listed no more is in no sample.

use prometheus::proto::{MetricFamily, MetricType};

use super::family::{Family, single};
use super::label::label;
use crate::config::Sync;
use crate::instant::UtcInstant;
use crate::store::{DirectoryMeasures, Listed, Measures, Sizes, WalkOutcome};

/// What is told of each directory: kind, name, help, value.
type Told = (MetricType, &'static str, &'static str, fn(&DirectoryMeasures, &Sync) -> Option<f64>);

const OF_DIRECTORY: [Told; 11] = [
    (
        MetricType::GAUGE,
        "directory_mirrored",
        "Whether [sync] include and exclude let the directory be mirrored.",
        |of, wanted| Some(flag(wanted.wants(of.directory_id.as_str()))),
    ),
    (
        MetricType::GAUGE,
        "directory_first_seen_timestamp_seconds",
        "When the directory was first listed, in seconds since 1970.",
        |of, _| seconds(of.first_seen_at),
    ),
    (
        MetricType::GAUGE,
        "directory_last_complete_timestamp_seconds",
        "When a walk of the directory was last complete, in seconds since 1970; absent before the first.",
        |of, _| seconds(of.last_complete_at),
    ),
    (
        MetricType::GAUGE,
        "directory_last_full_timestamp_seconds",
        "When a full walk of the directory was last complete, in seconds since 1970; absent before the first.",
        |of, _| seconds(of.last_full_at),
    ),
    (
        MetricType::GAUGE,
        "directory_last_walk_failed",
        "Whether the last walk of the directory that is over failed.",
        |of, _| Some(flag(of.last_outcome == Some(WalkOutcome::Failed))),
    ),
    (
        MetricType::GAUGE,
        "directory_brake_held",
        "Whether too much of the directory would have been removed: nothing is until the operator decides.",
        |of, _| Some(flag(of.is_brake_held)),
    ),
    (
        MetricType::GAUGE,
        "directory_registrations",
        "Registrations that stand, the missing ones included.",
        |of, _| Some(of.registrations as f64),
    ),
    (
        MetricType::GAUGE,
        "directory_registrations_missing",
        "Registrations that were not seen and are not proved gone.",
        |of, _| Some(of.missing as f64),
    ),
    (MetricType::GAUGE, "directory_registrations_removed", "Registrations that are removed.", |of, _| {
        Some(of.removed as f64)
    }),
    (
        MetricType::COUNTER,
        "directory_registrations_recovered_total",
        "Registrations that an earlier complete walk should have shown, since the directory was first listed.",
        |of, _| Some(of.recovered as f64),
    ),
    // Joined by whoever wants the name beside an ID: `* on (directory) group_left (name)`.
    (MetricType::GAUGE, "directory_info", "The directory's name; always 1.", |_, _| Some(1.0)),
];

fn seconds(at: Option<UtcInstant>) -> Option<f64> {
    at.map(|at| at.unix_s() as f64)
}

fn flag(is_so: bool) -> f64 {
    f64::from(u8::from(is_so))
}

/// Without measures, the file could not be read.
pub(super) fn gather(measures: Option<&Measures>, sizes: &Sizes, wanted: &Sync) -> Vec<MetricFamily> {
    let mut families = Vec::new();
    let gauge = |name, help, value: Option<f64>| single(MetricType::GAUGE, name, help, value);
    let bytes = |bytes: Option<u64>| bytes.map(|bytes| bytes as f64);
    families.extend(gauge(
        "file_readable",
        "Whether the mirror's file could be read for this scrape.",
        Some(flag(measures.is_some())),
    ));
    families.extend(gauge("file_bytes", "The mirror's file.", bytes(sizes.file_bytes)));
    families.extend(gauge("wal_bytes", "The log beside the mirror's file.", bytes(sizes.wal_bytes)));
    families.extend(gauge(
        "disk_free_bytes",
        "What this process may still write to the disk that holds the file.",
        bytes(sizes.disk_free_bytes),
    ));
    families.extend(gauge("disk_size_bytes", "The disk that holds the file.", bytes(sizes.disk_bytes)));
    let Some(measures) = measures else { return families };
    families.extend(gauge(
        "change_seq",
        "The number of the last change in the feed registration_changes.",
        Some(measures.change_seq as f64),
    ));
    families.extend(gather_accounts(measures));
    families.extend(gather_directories(measures, wanted));
    families
}

fn gather_accounts(measures: &Measures) -> Option<MetricFamily> {
    let mut family = Family::ours(
        MetricType::GAUGE,
        "account_listing_failed",
        "Whether the account's directories could not be listed when that was last tried.",
    );
    for (account, listed) in &measures.accounts {
        family.add(&[("account", &label(account.as_str()))], flag(*listed == Listed::Badly));
    }
    family.into_told()
}

fn gather_directories(measures: &Measures, wanted: &Sync) -> Vec<MetricFamily> {
    let mut families: Vec<_> =
        OF_DIRECTORY.iter().map(|(kind, name, help, _)| Family::ours(*kind, name, help)).collect();
    for directory in &measures.directories {
        let (account, id) = (label(directory.account.as_str()), label(directory.directory_id.as_str()));
        let name = label(directory.name.as_deref().unwrap_or_default());
        let all = [("account", &*account), ("directory", &*id), ("name", &*name)];
        for (family, (_, told, _, value)) in families.iter_mut().zip(&OF_DIRECTORY) {
            let labels = if *told == "directory_info" { &all[..] } else { &all[..2] };
            if let Some(value) = value(directory, wanted) {
                family.add(labels, value);
            }
        }
    }
    families.into_iter().filter_map(Family::into_told).collect()
}
