//! One file a day, in folders named as Hive names them. Rows come day by day, so that one file is open at a time.

use super::target::Single;
use super::writer::Writer;
use super::{Cell, ExportError, Folder, ForeignReader, Order, tell};

/// What Hive calls the folder of rows without a value.
const NO_DAY: &str = "__HIVE_DEFAULT_PARTITION__";

pub(super) fn write(
    order: &Order,
    reader: &ForeignReader,
    folder: &Folder,
    told: impl Fn(u64),
) -> Result<u64, ExportError> {
    let no_day = ExportError::NoDay { view: order.view.name };
    let Some((sql, name)) = order.view.select_by_day(order.since.as_deref()).zip(order.view.day()) else {
        return Err(no_day);
    };
    let mut statement = order.compile(reader, &sql)?;
    let mut columns = statement.columns().to_vec();
    columns.remove(0);
    // The folder's name says it; readers don't like to be told twice.
    let left_out = columns.iter().position(|column| column == name);
    left_out.iter().for_each(|position| drop(columns.remove(*position)));

    let mut count = 0;
    let mut open: Option<(Vec<u8>, Day)> = None;
    let mut rows = statement.rows();
    while let Some(row) = rows.next_row()? {
        let mut cells = row.cells();
        let day = match cells.next() {
            Some(Cell::Text(day)) => day,
            _ => b"",
        };
        if open.as_ref().is_none_or(|(open, _)| open != day) {
            if let Some((_, file)) = open.take() {
                file.finish()?;
            }
            open = Some((
                day.to_vec(),
                Day::begin(order, reader.seq(), folder, &format!("{name}={}", shown(day)), &columns)?,
            ));
        }
        if let Some((_, file)) = &mut open {
            let kept = cells.enumerate().filter(|(position, _)| Some(*position) != left_out);
            file.row(kept.map(|(_, cell)| cell))?;
        }
        count += 1;
        tell(count, &told);
    }
    if let Some((_, file)) = open {
        file.finish()?;
    }
    Ok(count)
}

/// A day as a folder's name: days are dates, and whatever else stands in a damaged file must not leave the folder.
fn shown(day: &[u8]) -> String {
    let is_date = !day.is_empty() && day.iter().all(|byte| byte.is_ascii_digit() || *byte == b'-');
    if is_date { String::from_utf8_lossy(day).into_owned() } else { NO_DAY.into() }
}

/// The file of one day.
struct Day {
    writer: Writer<super::target::Out>,
    file: Single,
}

impl Day {
    fn begin(
        order: &Order,
        seq: i64,
        folder: &Folder,
        name: &str,
        columns: &[String],
    ) -> Result<Self, ExportError> {
        let file = folder.part(name, order.format.extension())?;
        let writer = Writer::begin(order, seq, columns, file.out()?)?;
        Ok(Self { writer, file })
    }

    fn row<'a>(&mut self, cells: impl Iterator<Item = Cell<'a>>) -> Result<(), ExportError> {
        self.writer.row(cells).map_err(|error| self.file.failed(error))
    }

    fn finish(self) -> Result<(), ExportError> {
        self.writer.finish().map_err(|error| self.file.failed(error))?;
        self.file.commit()
    }
}
