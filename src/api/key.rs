//! How keys are compared: without case, `_`, `-` and spaces.
//!
//! What the keys mean stands in `aliases.rs`.

/// The longest spelling that is compared, in bytes; no key of the vendor's comes near it.
pub(super) const KEY_BYTES_MAX: usize = 64;

/// A key as it is compared.
pub(super) struct Key {
    bytes: [u8; KEY_BYTES_MAX],
    length: usize,
}

impl Key {
    /// `None`: too long to be a key that anybody knows.
    pub(super) fn of(spelling: &str) -> Option<Self> {
        let mut key = Self { bytes: [0; KEY_BYTES_MAX], length: 0 };
        if spelling.len() <= KEY_BYTES_MAX && spelling.is_ascii() {
            for byte in spelling.bytes().filter(|byte| !matches!(byte, b'_' | b'-' | b' ')) {
                key.bytes[key.length] = byte.to_ascii_lowercase();
                key.length += 1;
            }
            return Some(key);
        }
        for character in spelling.chars() {
            match character {
                '_' | '-' | ' ' => {}
                other => {
                    for lower in other.to_lowercase() {
                        key.push(lower.encode_utf8(&mut [0; 4]).as_bytes())?;
                    }
                }
            }
        }
        Some(key)
    }

    fn push(&mut self, bytes: &[u8]) -> Option<()> {
        self.bytes.get_mut(self.length..self.length + bytes.len())?.copy_from_slice(bytes);
        self.length += bytes.len();
        Some(())
    }

    /// The compared bytes.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// Whether the key says that its date is in UTC, and the key without saying so.
    pub(super) fn without_utc(&self) -> Option<&[u8]> {
        self.as_bytes().strip_suffix(b"utc").filter(|rest| !rest.is_empty())
    }
}
