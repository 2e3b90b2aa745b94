"""Drives Datasette over the mirror, as a browser and a script do, and compares it with the mirror's own API.

    drive_datasette.py live|still SOCKET MIRROR.db URL METADATA.yml

`live`: while walks write, everything answers, and what one statement says is of one moment. `still`: while
nothing changes upstream, its rows are exactly ours. $MIRROR_TOKEN is a full token.
"""

import csv
import io
import os
import sqlite3
import sys
import time

import httpx
import yaml

VIEWS = ["directories", "registrations", "removed_registrations", "registration_changes", "registrations_by_day",
         "walks", "sync_status", "sends", "opt_outs"]
# Every look at the vendor's list sets these, also where nothing changed.
RESTLESS = {"last_seen_at", "last_complete_at", "last_full_at", "age_s"}
ONE_MOMENT = """SELECT (SELECT count(*) FROM registrations) AS stand,
    (SELECT sum(registrations) FROM directories) AS by_directory,
    (SELECT sum(registrations) FROM registrations_by_day) AS by_day"""


def get(client, path, **parameters):
    answer = client.get(path, params=parameters or None)
    assert answer.status_code == 200, f"{answer.status_code} for {answer.url}: {answer.text[:500]}"
    return answer


def comparable(rows):
    kept = [{name: value for name, value in row.items() if name not in RESTLESS} for row in rows]
    return sorted(kept, key=repr)


def canned(metadata):
    for name, query in metadata["databases"]["mirror"]["queries"].items():
        values = {"directory_id": "dir_10001", "email": "nobody@example.com"}
        yield name, {parameter: values[parameter] for parameter in query.get("params", [])}


def check_description(client, metadata, file):
    said = get(client, "/-/metadata.json").json()["databases"]["mirror"]
    assert said == metadata["databases"]["mirror"], "it serves another metadata than ours"
    settings = get(client, "/-/settings.json").json()
    assert settings["sql_time_limit_ms"] == 10_000 and not settings["allow_download"], settings
    [database] = get(client, "/-/databases.json").json()
    assert database["is_mutable"] and database["name"] == "mirror", database
    page = get(client, "/mirror.json").json()
    shown = [table["name"] for table in page["tables"] if not table["hidden"]]
    assert not shown, f"tables that metadata.yml does not hide: {shown}"
    assert sorted(view["name"] for view in page["views"]) == sorted(VIEWS), page["views"]
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as mirror:
        for view in VIEWS:
            columns = {row[0] for row in mirror.execute("SELECT name FROM pragma_table_info(?)", [view])}
            described = set(metadata["databases"]["mirror"]["tables"][view]["columns"])
            assert described == columns, f"{view}: {described ^ columns} described or there, not both"


def live(client, metadata, file):
    check_description(client, metadata, file)
    moments, requests, end = set(), 0, time.monotonic() + 60
    while requests < 200 or len(moments) < 5:
        assert time.monotonic() < end, f"{requests} requests, {len(moments)} different moments: too slow"
        [moment] = get(client, "/mirror.json", sql=ONE_MOMENT, _shape="array").json()
        assert moment["stand"] == moment["by_directory"] == moment["by_day"], moment
        moments.add(moment["stand"])
        for view in VIEWS:
            get(client, f"/mirror/{view}.json", _shape="array", _size=100)
            get(client, f"/mirror/{view}", _size=10)
        facets = get(client, "/mirror/registrations.json", _facet="city", _size=0).json()["facet_results"]
        assert facets["city"]["results"], facets
        for name, parameters in canned(metadata):
            rows = get(client, f"/mirror/{name}.json", _shape="array", **parameters).json()
            assert rows or name == "person", f"the query {name} finds nothing"
        stream = get(client, "/mirror/registration_changes.csv", _stream="on", _sort="seq").text
        seqs = [int(row["seq"]) for row in csv.DictReader(io.StringIO(stream))]
        assert seqs == list(range(1, len(seqs) + 1)), "the CSV stream of the feed has a hole"
        requests += 3 + 2 * len(VIEWS) + len(metadata["databases"]["mirror"]["queries"])
    refused = client.get("/mirror.json", params={"sql": "DELETE FROM registration"})
    assert refused.status_code == 400, refused.text
    assert client.get("/mirror.db").status_code == 403
    return f"{requests} requests while it was written, {len(moments)} moments, each whole"


def moment(client):
    """Moves with every walk and every change."""
    sql = "SELECT max(walk_id), (SELECT max(seq) FROM registration_changes) FROM walks"
    return get(client, "/mirror.json", sql=sql, _shape="arrays").json()["rows"]


def at_one_moment(client, what, *reads):
    """Reads until nothing was written in between."""
    end = time.monotonic() + 60
    while True:
        before = moment(client)
        found = [read() for read in reads]
        if moment(client) == before:
            return found
        assert time.monotonic() < end, f"{what}: there is always something written in between"


def rows_of(client, view):
    page, rows = f"/mirror/{view}.json?_shape=objects&_size=max", []
    while page:
        answer = get(client, page).json()
        rows += answer["rows"]
        page = answer["next_url"] and answer["next_url"].replace("http://localhost", "")
    return rows


def lines_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def still(client, metadata, url):
    ours = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {os.environ['MIRROR_TOKEN']}"}, timeout=60)

    def our_answer(view, **parameters):
        asked = {"sql": f"SELECT * FROM {view}"} | parameters
        return ours.get("/api/v1/query", params=asked).raise_for_status()

    def our_rows(view):
        said = our_answer(view).json()
        return [dict(zip(said["columns"], row)) for row in said["rows"]]

    compared = 0
    for view in VIEWS:
        rows, expected = at_one_moment(client, view, lambda: rows_of(client, view), lambda: our_rows(view))
        assert rows or view in ("removed_registrations", "sends", "opt_outs"), f"{view} is empty"
        assert comparable(rows) == comparable(expected), f"{view}: {len(rows)} rows, and ours are {len(expected)}"
        compared += len(rows)
    lines, expected = at_one_moment(
        client, "CSV",
        lambda: lines_of(get(client, "/mirror/registrations.csv", _stream="on").text),
        lambda: lines_of(our_answer("registrations", format="csv", exact="true").text))
    assert lines and comparable(lines) == comparable(expected), "its CSV is not ours"
    return f"{compared} rows and {len(lines)} lines of CSV equal to ours"


def main():
    what, socket, file, url, metadata = sys.argv[1:]
    with open(metadata, encoding="utf-8") as text:
        metadata = yaml.safe_load(text)
    client = httpx.Client(transport=httpx.HTTPTransport(uds=socket), base_url="http://localhost", timeout=60)
    print(live(client, metadata, file) if what == "live" else still(client, metadata, url))


main()
