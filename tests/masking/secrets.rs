//! Tells secret values in a text: pieces of eight characters of each, as they are, reversed, in
//! hexadecimal and in base64, whatever their case.

use std::collections::HashSet;

use crate::people::secret_values;

const PIECE: usize = 8;

pub struct Secrets(HashSet<Vec<u8>>);

impl Secrets {
    pub fn new() -> Self {
        let mut pieces = HashSet::new();
        for value in secret_values() {
            let reversed: String = value.chars().rev().collect();
            let hex: String = value.bytes().map(|byte| format!("{byte:02x}")).collect();
            let encoded = (0..3).map(|skipped| base64(&value.as_bytes()[skipped..]));
            for form in [value.clone(), reversed, hex].into_iter().chain(encoded) {
                pieces.extend(form.to_lowercase().as_bytes().windows(PIECE).map(<[u8]>::to_vec));
            }
        }
        // The domain is everybody's.
        pieces.retain(|piece| !b"@example.com@example.net".windows(PIECE).any(|public| public == piece));
        Self(pieces)
    }

    /// A piece of a secret that the text holds.
    pub fn find_in(&self, text: &str) -> Option<String> {
        let lower = text.to_lowercase();
        let found = lower.as_bytes().windows(PIECE).find(|piece| self.0.contains(*piece));
        found.map(|piece| String::from_utf8_lossy(piece).into_owned())
    }
}

/// Of whole groups of three bytes only.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let groups = bytes.chunks_exact(3).map(|group| u32::from_be_bytes([0, group[0], group[1], group[2]]));
    groups
        .flat_map(|group| [18, 12, 6, 0].map(|shift| char::from(DIGITS[(group >> shift & 63) as usize])))
        .collect()
}

#[test]
fn every_form_of_a_secret_is_told_and_masks_are_not() {
    let secrets = Secrets::new();
    let tellable = [
        "x ZUZANNA.KWIATKOWSKA@example.com",
        "akswoktaiwk",
        "4b776961746b6f77736b61",
        "S3dpYXRrb3dza2E=",
        "1984-03-17",
        "+15005550111",
        "{\"shoe\":\"shoesizefortyseven\"}",
    ];
    for text in tellable {
        assert!(secrets.find_in(text).is_some(), "{text}");
    }
    for text in ["1984", "Antwerpen", "438ee72f40c590c95297150e", "reg_1", "2026-11-23T09:00:00Z"] {
        assert_eq!(secrets.find_in(text), None, "{text}");
    }
}
