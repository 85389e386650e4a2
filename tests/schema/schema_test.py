#!/usr/bin/env python3
"""`ronda schema` against a validator that is not ours: what `ronda validate` takes the schema takes,
and of what it refuses the schema refuses whatever is a matter of shape.

usage: schema_test.py RONDA SOURCE_FOLDER
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

try:
    import jsonschema
except ImportError:
    sys.exit("schema_test.py: the package python3-jsonschema is missing: apt-get install python3-jsonschema")

RONDA, SOURCES = sys.argv[1], pathlib.Path(sys.argv[2])

CHECKS = [  # one that is taken, then what is wrong with others of its kind
    ({"type": "http", "path": "/health", "status": "200-299,301", "header": {"Server": "nginx"}},
     {"path": 1}, {"steps": []}, {"header": {"Server": 1}}, {"interval": 10}, {"fall": 0}),
    ({"type": "https", "status": [200, "300-302"], "cert_warn": "7d", "read_limit": "1MiB"},
     {"status": []}, {"cert_warn": "soon"}, {"verify": "yes"}, {"read_limit": "1MB"}),
    ({"type": "smtp", "tls": "starttls", "helo": "probe.example.com", "rcpt": "a@example.com"},
     {"helo": True}, {"login": "a"}, {"scope": "global"}, {"critical": 1}),
    ({"type": "tcp", "port": 7, "steps": [{"send": "PING\\r\\n"}, {"expect": "^PONG"}]},
     {"port": 0}, {"port": 65536}, {"steps": [{"say": "hello"}]}, {"steps": [{}]}, {"steps": {}}),
    ({"type": "exec", "argv": ["/bin/true", "{address}"], "timeout": "1s"},
     {"argv": []}, {"argv": "/bin/true"}, {"argv": None}),
]
SERVICES = [
    {"require": "most"}, {"require": 0}, {"ttl": -1}, {"families": "both"}, {"min_healthy": -1},
    {"when_all_down": "panic"}, {"foreign": "burn"}, {"replicas": "192.0.2.1"}, {"checks": "web"},
    {"replicas": [{"address": "192.0.2.1", "tier": 0}]}, {"replicas": [7]}, {"nmae": "x"},
    {"replicas": [{"adress": "192.0.2.1"}]}, {"failback": "manual"}, {"type": "MX"},
    {"load": {}}, {"load": [{"type": "agnet", "port": 9}]}, {"load": [{"type": "agent", "port": "9"}]},
    {"load": [{"type": "node_exporter", "load_per_core": 2}]}, {"load": [{"type": "number", "url": "/", "high": 2}]},
    {"freshness": {"from": "dns_serial", "max_lag": "soon"}}, {"load": [{"type": "node_exporter", "high": 2}]},
    {"load": [{"type": "agent", "port": 9, "fall": 3}]}, {"freshness": {"from": "http_body", "format": "epoch", "max_lag": "1m"}},
    {"freshness": {"from": "http_header"}}, {"freshness": {"from": "clock", "max_lag": "1m"}},
]
TAKEN = [
    {"load": [{"type": "agent", "port": 9777, "send": "a\\\\n", "agent_ttl": "1m"},
              {"type": "node_exporter", "load_per_core": {"high": 3.5}, "disk_used": False},
              {"type": "number", "url": "/load", "pointer": "/a", "high": 2, "low": 1.5}],
     "freshness": {"from": "http_header", "path": "/stamp", "max_lag": "10m"}},
]
TOPS = [{"mode": "enforced"}, {"zones": {}}, {"hooks": []}, {"allow_exec": "true"}, {"services": {}}]


def without_comments(text):
    keep_strings = r'("(?:[^"\\]|\\.)*")|//[^\n]*|/\*.*?\*/'
    return re.sub(keep_strings, lambda found: found.group(1) or " ", text, flags=re.S)


def config(check=None, service=None, top=None):
    made = {"allow_exec": True,
            "checks": {"web": check or {"type": "tcp", "port": 80}},
            "services": [{"name": "www", "type": "none", "checks": ["web"], "replicas": ["192.0.2.1"]}]}
    made["services"][0].update(service or {})
    made.update(top or {})
    return made


def main():
    schema = json.loads(subprocess.run([RONDA, "schema"], check=True, capture_output=True).stdout)
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    failures = []

    def expect(what, document, good, ask_reader=True):
        says = [error.message for error in validator.iter_errors(document)]
        if bool(says) == good:
            failures.append(f"{what}: the schema says {says[:2] or 'yes'}")
        if not ask_reader:
            return
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(document, file)
            file.flush()
            reader = subprocess.run([RONDA, "validate", "-c", file.name], capture_output=True, text=True)
        if (reader.returncode == 0) != good:
            failures.append(f"{what}: ronda validate leaves with {reader.returncode}: {reader.stderr}")

    for check, *wrong in CHECKS:
        expect(check, config(check=check), True)
        for fault in wrong:
            expect(f"{check['type']} with {fault}", config(check={**check, **fault}), False)
    expect("no type", config(check={"port": 80}), False)
    expect("no such type", config(check={"type": "gopher"}), False)
    for taken in TAKEN:
        expect(f"service with {taken}", config(service=taken), True)
    for fault in SERVICES:
        expect(f"service with {fault}", config(service=fault), False)
    for fault in TOPS:
        expect(f"file with {fault}", config(top=fault), False)

    # Their key files are elsewhere: tests of their own validate them.
    pages = 0
    for page in [SOURCES / "README.md", *sorted((SOURCES / "docs").glob("*.md"))]:
        for block in re.findall(r"^```jsonc?\n(.*?)^```", page.read_text(), flags=re.S | re.M):
            if re.search(r'^  "services"', block, flags=re.M) and '"exit"' not in block:
                pages += 1
                expect(f"a block of {page.name}", json.loads(without_comments(block)), True, False)
            if re.search(r'^  "(load|freshness)"', block, flags=re.M):  # a service
                pages += 1
                service = {**json.loads(block), "type": "none"}
                expect(f"a block of {page.name}", config({"type": "http"}, service), True)
    for file in sorted((SOURCES / "examples").glob("*.json")):
        pages += 1
        expect(file.name, json.loads(without_comments(file.read_text())), True, False)
    if pages < 5:
        failures.append(f"only {pages} configs found in the documents")

    for failure in failures:
        print(failure)
    print(f"{len(failures)} problems")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
