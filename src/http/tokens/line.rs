//! A line of the tokens file: `NAME full|masked SHA-256`.

use sha2::{Digest, Sha256};

use super::Token;
use crate::store::Access;

/// Of a SHA-256.
pub(super) const HASH_BYTES: usize = 32;
const NAME_CHARACTERS_MAX: usize = 64;

/// Reads a line that is neither empty nor a comment.
pub(super) fn parse(line: &str) -> Result<Token, &'static str> {
    let mut words = line.split_whitespace();
    let (Some(name), Some(access), Some(text), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err("it is not a name, full or masked, and a hash");
    };
    check_name(name)?;
    let access = Access::parse(access).ok_or("its second word is neither full nor masked")?;
    let mut hash = [0; HASH_BYTES];
    hex::decode_to_slice(text, &mut hash).map_err(|_| "its third word is no SHA-256 hash")?;
    Ok(Token { name: name.to_owned(), access, hash })
}

/// Sees that a name can stand in a line.
pub(super) fn check_name(name: &str) -> Result<(), &'static str> {
    let is_fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    match name {
        "" => Err("it is empty"),
        name if name.len() > NAME_CHARACTERS_MAX => Err("it is too long"),
        name if !name.chars().all(is_fine) => Err("it holds something else than letters, digits, -, _ and ."),
        _ => Ok(()),
    }
}

/// What is kept of a token.
pub(super) fn hash(token: &str) -> [u8; HASH_BYTES] {
    Sha256::digest(token.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_as_it_was_written() {
        let token = Token { name: "grafana-2.x".into(), access: Access::Masked, hash: hash("cmt_x") };
        let line = format!("{} {} {}", token.name, token.access.as_str(), hex::encode(token.hash));
        assert_eq!(parse(&line), Ok(token));
    }
}
