"""Reads a Parquet export as pyarrow and pandas do, and says no where a type is not the promised one.

    check_parquet.py registrations.parquet [MIRROR.db]

With a mirror beside it, which must stand where it stood, every value is compared. Needs pyarrow and pandas.
"""

import datetime
import sqlite3
import sys

import pandas
import pyarrow
import pyarrow.parquet

INSTANTS = ["registered_at", "first_seen_at", "changed_at", "missing_since", "paid_until", "removed_at", "at",
            "started_at", "finished_at", "last_seen_at", "last_complete_at", "last_full_at"]
DAYS = ["registered_on", "birth_date", "day"]
TRUTHS = ["paid", "blocked"]
NUMBERS = ["seq", "registrations", "walk_id", "pages", "requests", "rows_read", "created", "recovered", "updated",
           "removed", "restored", "missing", "age_s"]


def promised(column, is_masked):
    if column in INSTANTS:
        return pyarrow.timestamp("us", tz="UTC")
    if column in DAYS and not (is_masked and column == "birth_date"):
        return pyarrow.date32()
    if column in TRUTHS:
        return pyarrow.bool_()
    return pyarrow.int64() if column in NUMBERS else pyarrow.string()


def same(column, stored, exported):
    if stored is None or exported is None:
        return stored is exported
    if column in INSTANTS:
        return exported == datetime.datetime.fromisoformat(stored)
    if column in DAYS:
        return exported == datetime.date.fromisoformat(stored)
    return exported == (bool(stored) if column in TRUTHS else stored)


def main(path, mirror=None):
    file = pyarrow.parquet.ParquetFile(path)
    told = {key.decode(): value.decode() for key, value in file.metadata.metadata.items()}
    view = told["coupontools_mirror.view"]
    assert int(told["coupontools_mirror.seq"]) >= 0, told
    datetime.datetime.fromisoformat(told["coupontools_mirror.created_at"])
    table = file.read()
    is_masked = told["coupontools_mirror.access"] == "masked"
    for field in table.schema:
        assert field.type == promised(field.name, is_masked), f"{view}.{field.name} is {field.type}"
    frame = pandas.read_parquet(path)
    assert len(frame) == table.num_rows
    if mirror:
        connection = sqlite3.connect(f"file:{mirror}?mode=ro", uri=True)
        names = ", ".join(table.column_names)
        stored = connection.execute(f"SELECT {names} FROM {view}").fetchall()
        assert len(stored) == table.num_rows, (len(stored), table.num_rows)
        columns = [column.to_pylist() for column in table.columns]
        for position, row in enumerate(stored):
            for name, value, column in zip(table.column_names, row, columns):
                assert same(name, value, column[position]), f"{view}, row {position}: {name} differs"
    print(f"ok: {view}, {table.num_rows} rows, {file.metadata.num_row_groups} row groups, "
          f"seq {told['coupontools_mirror.seq']}")


if __name__ == "__main__":
    main(*sys.argv[1:])
