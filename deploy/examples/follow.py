#!/usr/bin/env python3
"""Keeps a copy of every registration elsewhere, exact and fresh, over the mirror's HTTP API.

    COUPONTOOLS_MIRROR_TOKEN=… follow.py --url http://127.0.0.1:8787 copy.db
    COUPONTOOLS_MIRROR_TOKEN=… follow.py --url http://127.0.0.1:8787 copy.db --once    # for cron

The first run reads everybody, directory by directory, from the change of the feed on that the first answer
stands at (its header Mirror-Seq). From then on it waits at the feed (/api/v1/changes) and reads again whoever changed. Rows and the place
in the feed are saved in one transaction: killed at any moment, it goes on where it stopped, loses nobody and
keeps no ghosts. Needs Python 3.9 or newer and nothing else. Put your own system in the place of `Copy`: what
matters is that rows and place are saved together, or the place last and rows by their ID.
"""

import argparse
import http
import http.client
import json
import os
import sqlite3
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

COLUMNS = """directory_id, registration_id, email, phone, first_name, last_name, birth_date, address, zip, city,
    custom_1, custom_2, custom_3, paid, paid_until, blocked, registered_at"""
DIRECTORIES = "SELECT directory_id FROM directories"
OF_A_DIRECTORY = f"SELECT {COLUMNS} FROM registrations WHERE directory_id = :directory_id"
SOME = f"{OF_A_DIRECTORY} AND registration_id IN (SELECT value FROM json_each(:ids))"
CHANGES_MAX = 1000
WAIT_S = 50  # The server waits up to 60.
AGAIN_S_MAX = 60


class Mirror:
    """The API."""

    def __init__(self, url, token):
        self.url = url.rstrip("/")
        self.token = token

    def ask(self, path, body=None):
        request = urllib.request.Request(self.url + path, data=body and json.dumps(body).encode())
        request.add_header("Authorization", f"Bearer {self.token}")
        if body:
            request.add_header("Content-Type", "application/json")
        return urllib.request.urlopen(request, timeout=WAIT_S + 30)

    def query(self, sql, **parameters):
        """The feed's number at which the rows stand, and the rows. An answer that was cut raises: half is never
        taken for the whole."""
        body = {"sql": sql, "parameters": parameters, "format": "ndjson"}
        answer = self.ask("/api/v1/query", body)
        return int(answer.headers["Mirror-Seq"]), (json.loads(line) for line in answer)

    def changes(self, after, wait_s):
        asked = urllib.parse.urlencode({"after": after, "limit": CHANGES_MAX, "wait": wait_s})
        answer = json.load(self.ask(f"/api/v1/changes?{asked}"))
        return answer["changes"], answer["next"]


class Copy:
    """Rows, and the place in the feed that they stand at, in a SQLite file."""

    def __init__(self, path):
        self.file = sqlite3.connect(path)
        self.file.executescript("""
            CREATE TABLE IF NOT EXISTS registration (
                directory_id TEXT NOT NULL, registration_id TEXT NOT NULL, row TEXT NOT NULL,
                PRIMARY KEY (directory_id, registration_id)
            ) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS place (seq INTEGER NOT NULL);
        """)

    def place(self):
        found = self.file.execute("SELECT seq FROM place").fetchone()
        return found and found[0]

    def move(self, seq):
        self.file.execute("DELETE FROM place")
        self.file.execute("INSERT INTO place VALUES (?)", (seq,))

    def put(self, rows):
        values = ((row["directory_id"], row["registration_id"], json.dumps(row, ensure_ascii=False)) for row in rows)
        self.file.executemany("INSERT OR REPLACE INTO registration VALUES (?, ?, ?)", values)

    def drop_directory(self, directory_id):
        self.file.execute("DELETE FROM registration WHERE directory_id = ?", (directory_id,))

    def drop(self, directory_id, ids):
        one = "DELETE FROM registration WHERE directory_id = ? AND registration_id = ?"
        self.file.executemany(one, ((directory_id, registration_id) for registration_id in ids))


def begin(mirror, copy):
    with copy.file:
        copy.file.execute("DELETE FROM registration")
        # The first moment counts: what is read later is newer, and its changes then say nothing new.
        seq, directories = mirror.query(DIRECTORIES)
        for directory in list(directories):
            _, rows = mirror.query(OF_A_DIRECTORY, directory_id=directory["directory_id"])
            copy.put(rows)
        copy.move(seq)
    return seq


def take_up(mirror, copy, changes, place):
    """Reads again whoever changed: what is read may be newer than the change, and its later changes then say
    nothing new."""
    loaded = {change["directory_id"] for change in changes if change["kind"] == "loaded"}
    touched = {}
    for change in changes:
        if change["directory_id"] not in loaded:
            touched.setdefault(change["directory_id"], set()).add(change["registration_id"])
    with copy.file:
        for directory_id in loaded:
            _, rows = mirror.query(OF_A_DIRECTORY, directory_id=directory_id)
            copy.drop_directory(directory_id)
            copy.put(rows)
        for directory_id, ids in touched.items():
            _, rows = mirror.query(SOME, directory_id=directory_id, ids=json.dumps(sorted(ids)))
            copy.drop(directory_id, ids)
            copy.put(rows)
        copy.move(place)


def follow(mirror, copy, once):
    place = copy.place()
    if place is None:
        place = begin(mirror, copy)
    while True:
        try:
            changes, after = mirror.changes(place, 0 if once else WAIT_S)
        except urllib.error.HTTPError as error:
            if error.code != http.HTTPStatus.GONE:
                raise
            # Away for longer than the mirror keeps changes ([retention] changes_days): from the beginning again.
            place = begin(mirror, copy)
            continue
        if changes:
            take_up(mirror, copy, changes, after)
            place = after
        elif once:
            return


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("copy", help="the SQLite file of the copy")
    arguments.add_argument("--url", default="http://127.0.0.1:8787", help="where the mirror is served")
    arguments.add_argument("--once", action="store_true", help="take up what is there, and end")
    asked = arguments.parse_args()
    token = os.environ.get("COUPONTOOLS_MIRROR_TOKEN")
    if not token:
        sys.exit("cannot ask the mirror: COUPONTOOLS_MIRROR_TOKEN is not set")
    again_s = 1
    while True:
        try:
            return follow(Mirror(asked.url, token), Copy(asked.copy), asked.once)
        except (OSError, http.client.HTTPException, json.JSONDecodeError) as error:
            is_refused = isinstance(error, urllib.error.HTTPError) and error.code < 500
            if is_refused or asked.once:
                sys.exit(f"cannot follow the mirror: {error}")
            print(f"cannot reach the mirror, and asks again: {error}", file=sys.stderr)
            time.sleep(again_s)
            again_s = min(2 * again_s, AGAIN_S_MAX)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
