//! Rows as JSON: one array of objects, or an object a line.

use std::collections::HashSet;
use std::io::{self, Write};

use super::number::{write_hex, write_real_json};
use crate::store::foreign::Cell;

#[derive(Clone, Copy)]
pub(super) enum Shape {
    Array,
    Lines,
}

pub(super) struct Rows<W> {
    out: W,
    shape: Shape,
    /// `"name":`, ready to be written.
    keys: Vec<Vec<u8>>,
    is_first: bool,
}

impl<W: Write> Rows<W> {
    pub(super) fn begin(shape: Shape, columns: &[String], out: W) -> io::Result<Self> {
        let mut keys = Vec::with_capacity(columns.len());
        for name in distinct(columns) {
            let mut key = serde_json::to_vec(&name)?;
            key.push(b':');
            keys.push(key);
        }
        Ok(Self { out, shape, keys, is_first: true })
    }

    pub(super) fn row<'a>(&mut self, cells: impl Iterator<Item = Cell<'a>>) -> io::Result<()> {
        if let Shape::Array = self.shape {
            self.out.write_all(if self.is_first { b"[\n" } else { b",\n" })?;
        }
        self.is_first = false;
        for (position, (key, cell)) in self.keys.iter().zip(cells).enumerate() {
            self.out.write_all(if position == 0 { b"{" } else { b"," })?;
            self.out.write_all(key)?;
            write_cell(&mut self.out, cell)?;
        }
        self.out.write_all(match self.shape {
            Shape::Array => b"}",
            Shape::Lines => b"}\n",
        })
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        match (self.shape, self.is_first) {
            (Shape::Lines, _) => {}
            (Shape::Array, true) => self.out.write_all(b"[]\n")?,
            (Shape::Array, false) => self.out.write_all(b"\n]\n")?,
        }
        self.out.flush()
    }
}

fn write_cell(out: &mut impl Write, cell: Cell<'_>) -> io::Result<()> {
    match cell {
        Cell::Null => out.write_all(b"null"),
        Cell::Integer(number) => write!(out, "{number}"),
        Cell::Real(number) => write_real_json(out, number),
        Cell::Text(text) => Ok(serde_json::to_writer(out, &String::from_utf8_lossy(text))?),
        Cell::Blob(bytes) => {
            out.write_all(b"\"")?;
            write_hex(out, bytes)?;
            out.write_all(b"\"")
        }
    }
}

/// An object holds a key once: the second `a` becomes `a_2`, unless that is taken too.
fn distinct(columns: &[String]) -> Vec<String> {
    let given: HashSet<&str> = columns.iter().map(String::as_str).collect();
    let mut used = HashSet::new();
    let mut names = Vec::with_capacity(columns.len());
    for column in columns {
        let mut name = column.clone();
        let mut count = 1;
        while used.contains(&name) || (count > 1 && given.contains(name.as_str())) {
            count += 1;
            name = format!("{column}_{count}");
        }
        used.insert(name.clone());
        names.push(name);
    }
    names
}

#[cfg(test)]
mod tests {
    use super::distinct;

    #[test]
    fn a_name_given_twice_gets_a_number_that_nobody_else_has() {
        let names = |list: &[&str]| distinct(&list.iter().map(|&name| name.into()).collect::<Vec<String>>());
        assert_eq!(names(&["a", "a", "b", "a"]), ["a", "a_2", "b", "a_3"]);
        assert_eq!(names(&["a", "a", "a_2"]), ["a", "a_3", "a_2"]);
        assert_eq!(names(&["a_2", "a", "a"]), ["a_2", "a", "a_3"]);
    }
}
