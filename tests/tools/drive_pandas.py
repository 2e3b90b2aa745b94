"""Reads the mirror into pandas, from its file and over HTTP, while walks write it.

    drive_pandas.py MIRROR.db URL      $MIRROR_TOKEN and $MASKED_TOKEN

The same rows come by all three ways, with the types that an analyst counts on: instants in UTC, days, counts
and truths that may be absent.
"""

import io
import os
import sqlite3
import sys
import time

import pandas
import requests

INSTANTS = ["registered_at", "paid_until", "first_seen_at", "changed_at", "missing_since", "erased_at"]
DAYS = ["registered_on", "birth_date"]
TRUTHS = {"paid": "Int64", "blocked": "Int64"}
TEXTS = {"zip": "str", "phone": "str", "custom_1": "str", "custom_2": "str", "custom_3": "str"}
SQL = "SELECT * FROM registrations ORDER BY directory_id, registration_id"


def typed(frame):
    """What `parse_dates` leaves to whoever reads: a column without a single date has no type."""
    for column in INSTANTS:
        frame[column] = pandas.to_datetime(frame[column], utc=True)
    for column in DAYS:
        frame[column] = pandas.to_datetime(frame[column], format="%Y-%m-%d")
    return frame.astype(TRUTHS | TEXTS)


def from_file(path):
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as mirror:
        moment = pandas.read_sql("SELECT max(seq) AS seq FROM registration_changes", mirror)
        frame = pandas.read_sql(SQL, mirror, parse_dates={column: {"utc": True} for column in INSTANTS}, dtype=TEXTS)
    return int(moment.seq[0]), typed(frame)


def ask(url, token, **parameters):
    answer = requests.get(f"{url}/api/v1/query", params=parameters, timeout=60,
                          headers={"Authorization": f"Bearer {token}"})
    answer.raise_for_status()
    return int(answer.headers["Mirror-Seq"]), io.StringIO(answer.text)


def from_csv(url, token):
    seq, text = ask(url, token, sql=SQL, format="csv", exact="true")
    return seq, typed(pandas.read_csv(text, dtype=TEXTS))


def from_json(url, token):
    seq, text = ask(url, token, sql=SQL, format="ndjson")
    return seq, typed(pandas.read_json(text, lines=True, dtype=False))


def check_types(frame):
    for column in INSTANTS:
        assert str(frame[column].dtype).startswith("datetime64[") and frame[column].dt.tz is not None, column
    for column in DAYS:
        assert str(frame[column].dtype).startswith("datetime64["), column
    assert all(frame[column].dtype == kind for column, kind in TRUTHS.items())
    assert frame.zip.dropna().str.fullmatch(r".+").all() and frame.zip.str.startswith("0").any(), "zips lost their zeros"
    assert frame.registered_at.notna().mean() > 0.9 and frame.paid.isin([0, 1]).all()


def at_one_moment(reads):
    """Reads until nothing was written in between: then all must be equal."""
    end = time.monotonic() + 60
    while True:
        found = [read() for read in reads]
        if len({seq for seq, _ in found}) == 1:
            return [frame for _, frame in found]
        assert time.monotonic() < end, "there is always something written in between"


def main():
    path, url = sys.argv[1:]
    token, masked_token = os.environ["MIRROR_TOKEN"], os.environ["MASKED_TOKEN"]
    reads = [lambda: from_file(path), lambda: from_csv(url, token), lambda: from_json(url, token)]
    seqs = set()
    for _ in range(8):
        for read in reads:
            seq, frame = read()
            check_types(frame)
            assert not frame.duplicated(["directory_id", "registration_id"]).any()
            seqs.add(seq)
    assert len(seqs) > 2, "nothing was written meanwhile"
    file, csv, json = at_one_moment(reads)
    for other in (csv, json):
        pandas.testing.assert_frame_equal(file, other, check_dtype=False)
    by_month = file.groupby(file.registered_at.dt.strftime("%Y-%m")).size()
    assert by_month.sum() == file.registered_at.notna().sum()

    # As the README says, with pandas alone.
    alone = pandas.read_csv(f"{url}/api/v1/query?format=csv&exact=true&sql=SELECT+*+FROM+registrations",
                            storage_options={"Authorization": f"Bearer {token}"}, dtype=TEXTS)
    assert list(alone.columns) == list(file.columns) and len(alone) > 2500

    _, masked = ask(url, masked_token, sql=SQL, format="csv", exact="true")
    masked = pandas.read_csv(masked, dtype=TEXTS | {"birth_date": "str"})
    assert len(masked) > 2500 and masked.first_name.isna().all() and masked.raw.isna().all()
    assert not masked.email.isin(file.email.dropna()).any() and masked.email.nunique() > 2000
    print(f"{8 * len(reads)} reads at {len(seqs)} moments, {len(file)} rows alike from the file, CSV and JSON")


main()
