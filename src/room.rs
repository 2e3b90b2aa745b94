//! How much room the disk that holds the mirror has to have. Arithmetic only.

/// Below this no walk begins. One transaction takes up to 64 pages of 100 registrations, some six
/// megabytes of log; what is left lets a failure, an alert and a reader's lock still be written.
pub const WALK_BYTES_MIN: u64 = 8 << 20;
/// Enough on any disk: a mirror of a million registrations takes most of it.
const AMPLE_BYTES: u64 = 1 << 30;
/// Of a small disk, the part that has to be free.
const FREE_PART: u64 = 10;

/// Room on the disk, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// What the mirror's user may still write.
    pub free_bytes: u64,
    /// All of the disk.
    pub size_bytes: u64,
}

impl Room {
    /// Below this, room is low: 1 GiB, or a tenth of a smaller disk, but never as little as stops walks.
    #[must_use]
    pub fn low_bytes(self) -> u64 {
        (self.size_bytes / FREE_PART).clamp(2 * WALK_BYTES_MIN, AMPLE_BYTES)
    }

    /// Whether a walk may begin.
    #[must_use]
    pub fn lets_walk(self) -> bool {
        self.free_bytes >= WALK_BYTES_MIN
    }

    /// Whether somebody should make room.
    #[must_use]
    pub fn is_low(self) -> bool {
        self.free_bytes < self.low_bytes()
    }

    /// Whether room that was low is no longer: a tenth more than it takes to be low, so that a log that
    /// comes and goes does not turn one alert into many.
    #[must_use]
    pub fn is_ample(self) -> bool {
        let low = self.low_bytes();
        self.free_bytes >= low + low / 10
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    fn room(free: u64, size: u64) -> Room {
        Room { free_bytes: free * MIB, size_bytes: size * MIB }
    }

    #[test]
    fn a_gigabyte_is_enough_anywhere_and_a_tenth_on_a_small_disk() {
        assert!(room(1023, 500_000).is_low() && !room(1024, 500_000).is_low());
        assert!(room(99, 1000).is_low() && !room(100, 1000).is_low());
        assert!(room(15, 40).is_low() && !room(16, 40).is_low());
    }

    #[test]
    fn what_was_low_has_to_rise_by_a_tenth() {
        assert!(!room(1100, 500_000).is_ample() && room(1127, 500_000).is_ample());
    }

    #[test]
    fn room_is_low_before_walks_stop() {
        for size in [0, 5, 40, 1000, 10_000, 1_000_000, u64::MAX / MIB] {
            let stops = (0..2000).find(|free| room(*free, size).lets_walk()).unwrap();
            assert!(room(stops, size).is_low(), "{size}");
        }
    }
}
