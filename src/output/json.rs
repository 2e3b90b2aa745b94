//! Rows as JSON: one array of objects, an object a line, or one object with columns and rows apart.

use std::collections::HashSet;
use std::io::{self, Write};

use super::number::{write_hex, write_real_json};
use crate::store::foreign::Cell;

#[derive(Clone, Copy)]
pub(super) enum Shape {
    Array,
    Lines,
    /// `{"columns":[…],"rows":[[…],…]}`: names once, and two columns of one name stay as they are.
    Columns,
}

pub(super) struct Rows<W> {
    out: W,
    shape: Shape,
    /// What is written before each cell of a row: `{"name":`, or `[`.
    before: Vec<Vec<u8>>,
    is_first: bool,
}

impl<W: Write> Rows<W> {
    pub(super) fn begin(shape: Shape, columns: &[String], mut out: W) -> io::Result<Self> {
        let before = match shape {
            Shape::Array | Shape::Lines => keys(columns)?,
            Shape::Columns => {
                out.write_all(b"{\"columns\":")?;
                serde_json::to_writer(&mut out, columns)?;
                out.write_all(b",\"rows\":[")?;
                (0..columns.len())
                    .map(|position| if position == 0 { b"[".into() } else { b",".into() })
                    .collect()
            }
        };
        Ok(Self { out, shape, before, is_first: true })
    }

    pub(super) fn row<'a>(&mut self, cells: impl Iterator<Item = Cell<'a>>) -> io::Result<()> {
        self.out.write_all(match (self.shape, self.is_first) {
            (Shape::Lines, _) => b"",
            (Shape::Array, true) => b"[\n",
            (Shape::Columns, true) => b"\n",
            (Shape::Array | Shape::Columns, false) => b",\n",
        })?;
        self.is_first = false;
        for (before, cell) in self.before.iter().zip(cells) {
            self.out.write_all(before)?;
            write_cell(&mut self.out, cell)?;
        }
        self.out.write_all(match self.shape {
            Shape::Array => b"}",
            Shape::Lines => b"}\n",
            Shape::Columns => b"]",
        })
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        match (self.shape, self.is_first) {
            (Shape::Lines, _) => {}
            (Shape::Array, true) => self.out.write_all(b"[]\n")?,
            (Shape::Array, false) => self.out.write_all(b"\n]\n")?,
            (Shape::Columns, true) => self.out.write_all(b"]}\n")?,
            (Shape::Columns, false) => self.out.write_all(b"\n]}\n")?,
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

/// `{"first":`, `,"second":`, ….
fn keys(columns: &[String]) -> io::Result<Vec<Vec<u8>>> {
    let mut keys = Vec::with_capacity(columns.len());
    for name in distinct(columns) {
        let mut key = if keys.is_empty() { b"{".to_vec() } else { b",".to_vec() };
        serde_json::to_writer(&mut key, &name)?;
        key.push(b':');
        keys.push(key);
    }
    Ok(keys)
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
    use super::{Rows, Shape, distinct};
    use crate::store::foreign::Cell;

    fn columns(rows: &[[Cell<'_>; 3]]) -> String {
        let names = ["a", "a", "quo\"ted"].map(String::from);
        let mut out = Vec::new();
        let mut writer = Rows::begin(Shape::Columns, &names, &mut out).unwrap();
        rows.iter().for_each(|row| writer.row(row.iter().copied()).unwrap());
        writer.finish().unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn columns_and_rows_apart_are_one_object_that_keeps_equal_names() {
        let row = [Cell::Integer(1), Cell::Null, Cell::Text(b"x\ny")];
        let head = "{\"columns\":[\"a\",\"a\",\"quo\\\"ted\"],\"rows\":[";
        assert_eq!(columns(&[]), format!("{head}]}}\n"));
        let line = "[1,null,\"x\\ny\"]";
        assert_eq!(columns(&[row]), format!("{head}\n{line}\n]}}\n"));
        assert_eq!(columns(&[row, row]), format!("{head}\n{line},\n{line}\n]}}\n"));
        assert!(serde_json::from_str::<serde_json::Value>(&columns(&[row, row])).is_ok());
    }

    #[test]
    fn a_name_given_twice_gets_a_number_that_nobody_else_has() {
        let names = |list: &[&str]| distinct(&list.iter().map(|&name| name.into()).collect::<Vec<String>>());
        assert_eq!(names(&["a", "a", "b", "a"]), ["a", "a_2", "b", "a_3"]);
        assert_eq!(names(&["a", "a", "a_2"]), ["a", "a_3", "a_2"]);
        assert_eq!(names(&["a_2", "a", "a"]), ["a_2", "a", "a_3"]);
    }
}
