"""Reads what is provisioned for Grafana and finds what does not fit together.

grafana_panels.py FOLDER RULES.yml STATEMENTS

writes every PromQL expression as a recording rule, for promtool, and every SQL statement as a line of JSON:
its panel's title, its parameters for the address, the columns that the panel wants.
"""

import json
import re
import sys
from pathlib import Path

import yaml

folder, rules_path, statements_path = map(Path, sys.argv[1:])
# What Grafana puts into texts before it asks.
VALUES = {
    "${directory}": ".*",
    "$directory": ".*",
    "$instance": ".*",
    "$__rate_interval": "5m",
    "$__range": "1h",
    "${__from:date:YYYY-MM-DD}": "2000-01-01",
    "${__to:date:YYYY-MM-DD}": "2100-01-01",
}


def fail(what):
    sys.exit(f"cannot provision: {what}")


def filled(text):
    for name, value in VALUES.items():
        text = text.replace(name, value)
    if re.search(r"\$[{_a-z]", text):
        fail(f"an unknown variable in {text!r}")
    return text


sources = {}
for path in sorted((folder / "provisioning/datasources").glob("*.yml")):
    read = yaml.safe_load(path.read_text())
    if read["apiVersion"] != 1:
        fail(f"{path}: apiVersion")
    for source in read["datasources"]:
        sources[source["uid"]] = source["type"]
        for key, secret in source.get("secureJsonData", {}).items():
            if not re.fullmatch(r"\$[A-Z_]+", secret):
                fail(f"{path}: {key} stands in the file")
for path in sorted((folder / "provisioning/dashboards").glob("*.yml")):
    for provider in yaml.safe_load(path.read_text())["providers"]:
        if provider["type"] != "file" or not provider["options"]["path"].startswith("/"):
            fail(f"{path}: {provider['name']} names no folder")

expressions, statements = [], []
for path in sorted((folder / "dashboards").glob("*.json")):
    dashboard = json.loads(path.read_text())
    for key in ("uid", "title", "schemaVersion", "panels", "templating", "time"):
        if key not in dashboard:
            fail(f"{path}: no {key}")
    panels = dashboard["panels"]
    ids = [panel["id"] for panel in panels]
    if len(ids) != len(set(ids)):
        fail(f"{path}: two panels have one id")
    taken = set()
    for panel in panels:
        at, title = panel["gridPos"], panel["title"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        if at["x"] + at["w"] > 24 or cells & taken:
            fail(f"{path}: {title} lies on another panel, or beside the page")
        taken |= cells
        if panel["type"] == "row":
            continue
        if not panel["description"] or not panel["targets"]:
            fail(f"{path}: {title} says or shows nothing")
        refs = [target["refId"] for target in panel["targets"]]
        if len(refs) != len(set(refs)):
            fail(f"{path}: {title} has one refId twice")
        for target in panel["targets"]:
            source = target["datasource"]
            if sources.get(source["uid"]) != source["type"] or source != panel["datasource"]:
                fail(f"{path}: {title} names no data source that is provisioned")
            if source["type"] == "prometheus":
                expressions.append(filled(target["expr"]))
                continue
            options = target["url_options"]
            if target["url"] != "/api/v1/query" or options["method"] != "GET":
                fail(f"{path}: {title} does not ask for SQL")
            statements.append(
                {
                    "title": title,
                    "address": [[pair["key"], filled(pair["value"])] for pair in options["params"]],
                    "columns": [column["selector"] for column in target["columns"]],
                }
            )
    for variable in dashboard["templating"]["list"]:
        query = variable["query"]["query"]
        selector = re.fullmatch(r"label_values\((.+), (\w+)\)", query)
        if not selector or sources.get(variable["datasource"]["uid"]) != "prometheus":
            fail(f"{path}: variable {variable['name']} asks {query!r}")
        expressions.append(filled(selector[1]))

if not expressions or not statements:
    fail("no panel asks anything")
names = [f"dashboard:expression:{n}" for n in range(len(expressions))]
rules = [{"record": name, "expr": expression} for name, expression in zip(names, expressions)]
rules_path.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
statements_path.write_text("".join(json.dumps(statement) + "\n" for statement in statements))
