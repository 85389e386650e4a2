#!/usr/bin/env python3
"""`ronda schema` against a validator that is not ours: what `ronda validate` takes the schema takes,
and of what it refuses the schema refuses whatever is a matter of shape. Kinds and keys are those of
the reader's own table, as it names them when asked for one that does not exist: of a new one this
test wants to know a value that is taken.

usage: schema_test.py RONDA SOURCE_FOLDER
"""
import json
import os
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
NONE_SUCH = "qqqqqqqqqqqq"  # near to no key and no kind

# What a kind cannot do without.
BASE = {"tcp": {"port": 7}, "exec": {"argv": ["/bin/true"]}, "agent": {"port": 7},
        "number": {"url": "/load", "high": 2, "low": 1}}
# Values that are taken, of keys whose shape in the schema does not tell one. A tuple of several.
SAMPLES = {
    "server_name": "www.example.com", "ca_file": "pem", "cert_file": "pem", "key_file": "pem", "source": "192.0.2.9",
    "cert_warn": "7d", "login_file": "login", "basic_auth_file": "login", "read_limit": (512, "64KiB", "1000", 262144),
    "path": "/health", "host": "www.example.com", "headers": ({}, {"X-Probe": "ronda"}), "body": "^OK", "body_not": "no",
    "header": {"Server": "nginx"}, "header_not": {"Server": "nginx"}, "status": (204, "200-299,301", [200, "300-302"]),
    "drain_status": ([], 404, "404,503", ["404"]), "helo": "probe.example.com", "rcpt": "postmaster@example.com",
    "steps": ([], [{"send": "PING\\r\\n"}, {"expect": "^PONG"}, {"starttls": True}]),
    "name": "example.com", "qtype": ("SOA", "TYPE65"), "rcode": ("NXDOMAIN", "nxdomain"), "answer": " SOA ",
    "serial_lag": (0, 5), "argv": ["/bin/true", "{address}"], "file": "words", "expires": "5m",
    "send": "status\\r\\n", "agent_ttl": "5m", "url": ("/load", "https://www.example.com:8443/load"),
    "pointer": "/system/load", "high": (2, 2.5), "low": (1, 0.5, 0), "network": (False, {"high": 1e6}),
    "load_per_core": (True, {"high": 3.5}), "memory_used": (False, {"high": 0.9, "low": 0.5}), "disk_used": {"low": 0.5},
    "interval": "20s", "fast_interval": "1s", "timeout": "1s",
}
# What one key wants of others.
TOGETHER = {"cert_file": {"key_file": "pem"}, "key_file": {"cert_file": "pem"}, "passive": {"anonymous": True},
            ("role", "primary"): {"login_file": "login"}, ("transport", "tls"): {}, ("dns", "tls", "implicit"): {"transport": "tls"},
            ("tcp", "tls", "starttls"): {"steps": [{"starttls": True}]}, ("tcp", "tls", "implicit"): {"steps": []}}
# One of each shape, and numbers beyond every bound.
SHAPES = [0, -1, 1.5, 262145, 1e30, True, False, None, "", [], [None], [[]], {}, {"a": 1}, {"high": -1}]
# Taken by the schema, which does not see other keys, and refused by the reader.
RULES = [("passive", True), ("low", 1.5), ("low", 262145), ("low", 1e30), ("high", 1.5)]

SERVICES = [
    {"require": "most"}, {"require": 0}, {"ttl": -1}, {"families": "both"}, {"min_healthy": -1},
    {"when_all_down": "panic"}, {"foreign": "burn"}, {"replicas": "192.0.2.1"}, {"checks": "web"},
    {"replicas": [{"address": "192.0.2.1", "tier": 0}]}, {"replicas": [7]}, {"nmae": "x"},
    {"replicas": [{"adress": "192.0.2.1"}]}, {"failback": "manual"}, {"type": "MX"},
    {"load": {}}, {"load": [{"type": "agnet", "port": 9}]}, {"load": [{"type": "agent"}]},
    {"load": [{"type": "node_exporter", "load_per_core": 2}]}, {"load": [{"type": "number", "url": "/", "high": 2}]},
    {"load": [{"type": "node_exporter", "memory_used": {"high": 95}}]}, {"load": [{"type": "node_exporter", "high": 2}]},
    {"freshness": {"from": "dns_serial", "max_lag": "10m"}}, {"freshness": {"from": "http_header", "max_lag": 5}},
    {"freshness": {"from": "http_body", "format": "epoch", "max_lag": "1m"}}, {"freshness": {"from": "http_header"}},
    {"freshness": {"from": "http_body", "format": "integer", "max_lag": "1m"}},
    {"freshness": {"from": "http_body", "header": "Age", "max_lag": "1m"}},
    {"freshness": {"from": "ftp_mdtm", "max_lag": "1m"}}, {"freshness": {"from": "clock", "max_lag": "1m"}},
    {"freshness": {"from": "ftp_mdtm", "path": "/f", "max_lag": "1m", "format": "unix"}},
    {"freshness": {"from": "dns_serial", "max_lag": 2**31}}, {"freshness": {"from": "dns_serial", "max_lag": 5.5}},
    {"freshness": {"from": "dns_serial", "path": "/stamp", "max_lag": 5}},
]
TAKEN = [
    {"load": [{"type": "agent", "port": 9777}, {"type": "node_exporter"}]},
    {"freshness": {"from": "http_header", "path": "/stamp", "max_lag": "10m", "header": "Age", "format": "integer"}
     | {"max_lag": 5}},
    {"freshness": {"from": "http_body", "max_lag": "10m", "format": "rfc3339", "port": 81, "interval": "1m"}},
    {"freshness": {"from": "ftp_mdtm", "path": "/f", "max_lag": "10m", "timeout": "1s"}},
    {"freshness": {"from": "dns_serial", "path": "example.com", "max_lag": 3}, "checks": [{"type": "dns", "name": "a"}]},
    {"freshness": {"from": "dns_serial", "path": "example.com", "max_lag": 1000.0}, "ttl": 60.0},
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


def identity():
    """A certificate that signed itself, and its key."""
    made = subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                           "-nodes", "-subj", "/CN=www.example.com", "-keyout", "-"],
                          capture_output=True, text=True, check=True)
    return made.stdout


class Reader:
    """`ronda validate` in a folder that has the files which the samples name."""

    def __init__(self, folder):
        self.file = pathlib.Path(folder) / "ronda.json"
        for name, text in {"pem": identity(), "login": "probe\nword\n"}.items():
            (self.file.parent / name).write_text(text)
            os.chmod(self.file.parent / name, 0o600)

    def problems(self, document):
        self.file.write_text(json.dumps(document))
        ran = subprocess.run([RONDA, "validate", "--json", "-c", str(self.file)], capture_output=True, text=True)
        said = json.loads(ran.stdout)
        assert (ran.returncode == 0) == said["valid"], ran
        return said["errors"]

    def refused(self, place, objects):
        """What is said of each object, by its number; all are asked at once, as far as all is shown."""
        if place == "checks":
            document = config() | {"checks": {f"{i}": each for i, each in enumerate(objects)},
                                   "services": [config()["services"][0] | {"checks": [{"type": "http"}]}]}
        else:
            document = config() | {"services": [config()["services"][0] | {"name": f"s{i}", "load": [each]}
                                                for i, each in enumerate(objects)]}
        errors = self.problems(document)
        if len(objects) > 1 and any(not error["pointer"] for error in errors):  # too many to be shown
            half = len(objects) // 2
            first, second = self.refused(place, objects[:half]), self.refused(place, objects[half:])
            return first | {half + i: said for i, said in second.items()}
        found = {}
        for error in errors:
            found.setdefault(int(error["pointer"].split("/")[2]), []).append(error["message"])
        return found

    def known(self, document):
        """What the reader names when it is asked for what does not exist."""
        lists = [re.search(r"known here: (.*)", error["message"]) for error in self.problems(document)]
        return next(found.group(1).split(", ") for found in lists if found)


class Kinds:
    """Every key of every kind: samples are taken by both, other shapes refused by both."""

    def __init__(self, schema, reader, place, prefix, failures):
        self.schema, self.reader, self.place, self.failures = schema, reader, place, failures
        self.prefix = prefix
        branch = {"$ref": f"#/definitions/{prefix}"}
        self.validator = jsonschema.Draft7Validator({"allOf": [branch], "definitions": schema["definitions"]})
        self.cases = []  # what, object, must it be taken, or None: both say the same of what is no text

    def asked(self, each):
        return config(check=each) if self.place == "checks" else config(service={"load": [each]})

    def samples(self, kind, key, shape):
        while "$ref" in shape:
            shape = self.schema["definitions"][shape["$ref"].split("/")[-1]]
        if "enum" in shape:
            return shape["enum"]
        if shape.get("type") == "boolean":
            return [True, False]
        if shape.get("type") == "integer" and "maximum" in shape:
            return [shape["minimum"], shape["maximum"]]
        if key not in SAMPLES:
            self.failures.append(f"{kind}: no sample of \"{key}\": add one that is taken to SAMPLES")
            return []
        return SAMPLES[key] if isinstance(SAMPLES[key], tuple) else [SAMPLES[key]]

    def add_kind(self, kind, everybodys):
        base = {"type": kind, **BASE.get(kind, {})}
        keys = self.reader.known(self.asked(base | {NONE_SUCH: 1}))
        shapes = dict(self.schema["definitions"][f"{self.prefix}-{kind}"]["properties"])
        if set(shapes) - set(keys):
            self.failures.append(f"{kind}: the reader does not know {set(shapes) - set(keys)}")
        self.cases.append((kind, base, True))
        self.cases.append((f"{kind} without a type", {k: v for k, v in base.items() if k != "type"}, False))
        for key in set(keys) - {"type"}:
            if key not in shapes:  # it means nothing to this kind
                self.cases += [(f"{kind}: {key}", base | {key: value}, False)
                               for value in self.samples(kind, key, everybodys[key])]
                continue
            for value in self.samples(kind, key, shapes[key]):
                with_others = {}
                for case in (key, (key, value), (kind, key, value)) if isinstance(value, str) else (key,):
                    with_others |= TOGETHER.get(case, {})
                self.cases.append((f"{kind}: {key} {value}", base | with_others | {key: value}, True))
            self.cases += [(f"{kind}: {key} {value!r}", base | {key: value}, None) for value in SHAPES
                           if (key, value) not in RULES]
        for key in set(everybodys) - set(keys):
            self.cases.append((f"{kind}: {key} of another kind", base | {key: "x"}, False))

    def judge(self):
        for begin in range(0, len(self.cases), 60):
            part = self.cases[begin:begin + 60]
            refused = self.reader.refused(self.place, [each for _, each, _ in part])
            for number, (what, each, wanted) in enumerate(part):
                reader, schema = number not in refused, self.validator.is_valid(each)
                # Whether a text means something is the reader's to say, not its shape's.
                text = wanted is None and schema and what.endswith("''")
                if reader != schema and not text or wanted not in (None, reader):
                    self.failures.append(f"{what}: the schema says {schema}, ronda validate {reader}: {refused.get(number)}")
        return len(self.cases)


def judge_kinds(schema, reader, failures):
    count = 0
    for place, prefix in (("checks", "check"), ("load", "load")):
        kinds = Kinds(schema, reader, place, prefix, failures)
        names = reader.known(kinds.asked({"type": NONE_SUCH}))
        in_schema = {name.removeprefix(f"{prefix}-") for name in schema["definitions"] if name.startswith(f"{prefix}-")}
        if set(names) != in_schema:
            failures.append(f"{place}: the reader has {names}, the schema {sorted(in_schema)}")
        everybodys = {}
        for name in sorted(in_schema):
            everybodys |= schema["definitions"][f"{prefix}-{name}"]["properties"]
        page = (SOURCES / "docs" / "config.md").read_text()
        for word in sorted({*names, *everybodys}):
            if f"`{word}`" not in page:
                failures.append(f"docs/config.md has no `{word}`")
        for name in names:
            kinds.add_kind(name, everybodys)
        count += kinds.judge()
    return count


def main():
    schema = json.loads(subprocess.run([RONDA, "schema"], check=True, capture_output=True).stdout)
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        reader = Reader(folder)

        def expect(what, document, good, ask_reader=True):
            says = [error.message for error in validator.iter_errors(document)]
            if bool(says) == good:
                failures.append(f"{what}: the schema says {says[:2] or 'yes'}")
            if ask_reader and (not reader.problems(document)) != good:
                failures.append(f"{what}: ronda validate says {reader.problems(document)}")

        cases = judge_kinds(schema, reader, failures)
        for taken in TAKEN:
            expect(f"service with {taken}", config({"type": "http"}, taken), True)
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
                elif re.search(r'^  "(load|freshness)"', block, flags=re.M):  # a service
                    pages += 1
                    service = {**json.loads(block), "type": "none"}
                    expect(f"a block of {page.name}", config({"type": "http"}, service), True)
                elif page.name == "checks.md":
                    pages += 1
                    expect(f"a block of {page.name}", config(top={"checks": json.loads(block)}), True, False)
        for file in sorted((SOURCES / "examples").glob("*.json")):
            pages += 1
            expect(file.name, json.loads(without_comments(file.read_text())), True, False)
        if pages < 30:
            failures.append(f"only {pages} configs found in the documents")

    for failure in failures:
        print(failure)
    print(f"{cases} checks and loads, {pages} configs of the documents: {len(failures)} problems")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
