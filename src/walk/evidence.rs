//! What a page's dates prove: only dates in order prove anything, and only strictly between two
//! settled rows (design 2.2, "A page is evidence").

use super::event::{Evidence, Interval, Row};
use super::machine::{Before, Walk};

/// Where a page stands in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Page 1: nothing stands above it.
    First,
    /// Anywhere else.
    Below,
}

impl<R> Walk<R> {
    /// Takes note of what the page says of the order; whether it breaks it. A row whose date was
    /// never seen in order breaks it too: it could bound what it does not belong to.
    pub(super) fn note_order(&mut self, rows: &[Row<R>], before: Option<&Before>) -> bool {
        let falls = self.is_in_order(rows, before);
        let is_known = rows.iter().all(|row| row.stored.is_none_or(|stored| stored.is_in_order));
        let breaks_order = self.in_order && !(falls && is_known);
        self.in_order &= falls && is_known;
        self.reads_in_order &= falls;
        breaks_order
    }

    /// Whether dates only fall, down this page and from the page before it. An absent date is out
    /// of order. A page that begins with a row of the stretch continues there, not at its end.
    fn is_in_order(&self, rows: &[Row<R>], before: Option<&Before>) -> bool {
        let falls = rows.windows(2).all(|pair| pair[0].date >= pair[1].date);
        let dated = rows.iter().all(|row| row.date.is_some());
        let last_above = before.and_then(|before| before.last_date);
        let first_fresh = rows.first().filter(|row| !self.is_of_the_stretch(row)).and_then(|row| row.date);
        let joins_above = match (last_above, first_fresh) {
            (Some(above), Some(fresh)) => fresh <= above,
            _ => true,
        };
        falls && dated && joins_above
    }

    /// What a page proves gone, if its dates prove anything. An interval between settled rows only:
    /// what an unsettled walk has not crossed may stand anywhere.
    pub(super) fn evidence(&self, rows: &[Row<R>], place: Place) -> Option<Evidence> {
        if !self.in_order {
            return None;
        }
        let mut settled = rows.iter().filter(|row| self.is_settled(row)).map(|row| row.date);
        let first = settled.next()??;
        let last = match settled.next_back() {
            Some(date) => date?,
            None => first,
        };
        let interval = Interval { after: Some(last), before: (place != Place::First).then_some(first) };
        let has_room = place == Place::First || last.unix_s() + 1 < first.unix_s();
        has_room.then(|| Evidence { interval, page: rows.iter().map(|row| row.id.clone()).collect() })
    }

    /// What the last page proves gone when everything is settled: nothing stands below it. Only a
    /// short one proves it, of an account that gives short pages nowhere else.
    pub(super) fn evidence_of_the_end(&self) -> Option<Evidence> {
        let last = self.before.as_ref()?;
        if !self.in_order || last.is_full || !last.has_every_id || self.learned.gives_short_pages {
            return None;
        }
        let interval = Interval { after: None, before: Some(last.first_date?) };
        Some(Evidence { interval, page: last.ids.iter().cloned().collect() })
    }
}
