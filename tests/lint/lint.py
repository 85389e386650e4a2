#!/usr/bin/env python3
"""Checks of the source text that no compiler makes: who includes whom, where third-party headers live,
header files nobody includes, one name for two types, functions over 70 lines, log events that are not
listed, sleep in unit tests, clang-format.

    lint.py [ROOT]        prints every problem as file:line: sentence; exit 1 when there is one
    lint.py --self-test   breaks each rule in a temporary tree and sees that it is reported

A function may be longer when the line above it, or its first line, says why:
    // lint: long function: one case per TLS alert, splitting hides the table
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDERS = ("net", "dnsupdate", "probes", "agent", "tests")
MAY_INCLUDE = {
    "net": ("net",),
    "dnsupdate": ("dnsupdate", "net"),
    "probes": ("probes", "net"),
    "agent": ("agent", "probes", "dnsupdate", "net"),
    "tests": FOLDERS,
}
# Exceptions of the layer rule: (file prefix, include prefix).
ALSO = (("probes/dns", "dnsupdate/wire/"),)

# Pure rooms see no loop, no socket and no clock.
PURE = (
    r"net/(time|address|secret|fault|random|digest)\.",
    r"dnsupdate/(wire|update|nsupdate)/",
    r"probes/(dialogue|http_judge|http_reply_reader|result|check|smtp|ftp|tcp)\.",
    r"probes/(agent|agent_line|exposition|http_report|json_number|reading|stamp)\.",
    r"probes/(step_dialogue|presets|protocols|ssh|redis|memcached|ldap|mqtt|sip)\.",
    r"probes/(packet_dialogue|octet_reader|scram|postgresql|mysql|mysql_login)\.",
    r"agent/(health|decide)/",
    r"agent/run/(schedule|reconciler)",
)
IMPURE_INCLUDE = re.compile(
    r"^(net/(loop|uv_loop|tcp_stream|datagram|resolver|http_client|curl_multi|child_process|worker)\.hpp"
    r"|dnsupdate/io/|uv\.h|ares\.h|curl/|sys/socket\.h|sys/epoll\.h|poll\.h|netdb\.h|unistd\.h|thread)")
# Value types need the structures of the system's addresses, not its sockets.
PURE_EXCEPTIONS = {("net/address.cpp", "sys/socket.h")}
CLOCK = re.compile(r"\b(steady_clock|system_clock)::now\s*\(|\bclock_gettime\s*\(|\btime\s*\(\s*nullptr")

# Third-party header -> the only files of the product that may include it.
HOMES = (
    (r"uv\.h$", r"net/uv_loop"),
    (r"ares\.h$", r"net/resolver"),
    (r"curl/", r"(net/(http_client|curl_multi)|probes/(http_curl|curl_facts|curl_failure|curl_request|easy_pool))"),
    (r"openssl/", r"(net/|dnsupdate/wire/tsig)"),
    (r"re2/", r"probes/"),
    (r"nlohmann/", r"agent/(config|ops|state)/|probes/json_number[.]cpp"),
    (r"CLI/", r"agent/cli/"),
    (r"microhttpd\.h$", r"agent/ops/"),
    (r"prometheus/", r"agent/ops/metrics"),
    (r"sqlite3\.h$", r"agent/state/history"),
)

INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]')
LONGEST_FUNCTION = 70
NOT_A_FUNCTION = re.compile(r"^\s*(inline\s+)?(namespace|class|struct|enum|union|extern\s*\"|TEST_CASE|SCENARIO|"
                            r"TEMPLATE_TEST_CASE)\b")


def sources(root):
    for folder in FOLDERS:
        for place, folders, names in os.walk(root / folder):
            folders.sort()
            for name in sorted(names):
                if name.endswith((".cpp", ".hpp")):
                    yield (Path(place) / name).relative_to(root).as_posix()


def include_problems(file, number, target):
    top = file.split("/")[0]
    target_top = target.split("/")[0]
    if target_top in MAY_INCLUDE and target_top not in MAY_INCLUDE[top]:
        if not any(file.startswith(a) and target.startswith(b) for a, b in ALSO):
            yield f"{file}:{number}: {top} must not include {target}; allowed: {', '.join(MAY_INCLUDE[top])}"
    if any(re.match(room, file) for room in PURE) and IMPURE_INCLUDE.match(target):
        if (file, target) not in PURE_EXCEPTIONS:
            yield f"{file}:{number}: a pure room sees no loop, socket or thread: {target}"
    if top != "tests":
        for pattern, home in HOMES:
            if re.match(pattern, target) and not re.match(home, file):
                yield f"{file}:{number}: {target} has one home, {home}"


def blanked(text):
    """The text with comments, strings and characters as blanks: same length, same lines."""
    pattern = re.compile(
        r'R"([^()\s\\]{0,16})\(.*?\)\1"|//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|(?<![0-9a-zA-Z_])\'(?:\\.|[^\'\\\n])+\'',
        re.S)
    return pattern.sub(lambda m: re.sub(r"[^\n]", " ", m.group(0)), text)


def looks_like_function(header):
    if "(" not in header or NOT_A_FUNCTION.match(header):
        return False
    flat = header
    while True:  # what stands in parentheses (default arguments, attributes) does not count
        shorter = re.sub(r"\([^()]*\)", "", flat)
        if shorter == flat:
            break
        flat = shorter
    flat = re.sub(r"operator\s*\S{1,3}", "operator", flat)
    return "=" not in flat


def types(text):
    """(line, full name) of each type defined in a named namespace, not inside another type."""
    code = blanked(text)
    opener = re.compile(r"\b(?:(namespace)\s+([\w:]*)\s*|(?:struct|class|enum(?:\s+class)?|union)\s+(\w+)\b(?!\s*::)[^;{}()=]*)\{|[{}]")
    scopes = []  # a namespace's name, or None for everything else
    for match in opener.finditer(code):
        if match.group(0) == "}":
            if scopes:
                scopes.pop()
        elif match.group(1):
            scopes.append(match.group(2) or None)
        else:
            if match.group(3) and scopes and None not in scopes:
                yield code.count("\n", 0, match.start()) + 1, "::".join(scopes + [match.group(3)])
            scopes.append(None)


def functions(text):
    """(first line, last line) of each function at namespace or class scope; bodies are not looked into."""
    code = re.sub(r"^[ \t]*#(\\\n|[^\n])*", lambda m: re.sub(r"[^\n]", " ", m.group(0)), blanked(text), flags=re.M)
    scopes = 0  # open namespaces and classes
    start, place = 0, 0
    while place < len(code):
        character = code[place]
        if character == ";":
            start = place + 1
        elif character == "}":
            scopes -= 1
            start = place + 1
        elif character == "{":
            # A label such as "public:" before the header is not part of it.
            start += re.match(r"(\s*(public|private|protected)\s*:)*", code[start:place]).end()
            header = code[start:place]
            if re.match(r"\s*(template\s*<[^{]*>\s*)?(inline\s+)?(namespace|class|struct|enum|union|extern)\b", header):
                scopes += 1
                start = place + 1
            else:
                depth, end = 0, place
                while end < len(code):
                    depth += {"{": 1, "}": -1}.get(code[end], 0)
                    if depth == 0:
                        break
                    end += 1
                rest = code[end + 1:].lstrip()
                # A() : a_{1}, b_{2} {: the first two braces initialise members.
                member = re.search(r"\)\s*(noexcept\s*)?:[^:].*[\w>]\s*$", header, re.S)
                if not (member and rest[:1] in (",", "{")):
                    if looks_like_function(header):
                        lead = len(code[start:place]) - len(code[start:place].lstrip())
                        yield (code.count("\n", 0, start + lead) + 1, code.count("\n", 0, end) + 1)
                    start = end + 1
                place = end
        place += 1


def function_problems(file, text):
    lines = text.split("\n")
    for first, last in functions(text):
        length = last - first + 1
        if length <= LONGEST_FUNCTION:
            continue
        near = "\n".join(lines[max(0, first - 3):first])
        if not re.search(r"// lint: long function: \S+ \S+", near):
            yield f"{file}:{first}: function of {length} lines, more than {LONGEST_FUNCTION}; split it or say why above it"


def problems(root):
    included, headers, defined = set(), [], {}
    for file in sources(root):
        text = (root / file).read_text(encoding="utf-8", errors="replace")
        if file.endswith(".hpp"):
            headers.append(file)
        pure = any(re.match(room, file) for room in PURE) and not file.startswith("net/")
        for number, line in enumerate(text.split("\n"), 1):
            match = INCLUDE.match(line)
            if match:
                if file.rsplit(".", 1)[0] != match.group(1).rsplit(".", 1)[0]:
                    included.add(match.group(1))  # by its own .cpp does not count
                yield from include_problems(file, number, match.group(1))
            if pure and CLOCK.search(line.split("//")[0]):
                yield f"{file}:{number}: a pure room gets the time as a parameter"
            if file.startswith("tests/unit/") and re.search(r"\b(sleep|usleep|sleep_for|sleep_until)\s*\(", line):
                yield f"{file}:{number}: a unit test does not sleep: step the time it passes in"
        yield from function_problems(file, text)
        if not file.startswith("tests/"):
            for number, name in types(text):
                # The linker keeps one of the two's functions without a word.
                if name in defined:
                    yield f"{file}:{number}: {name} is defined in {defined[name]} too: rename one, or hide it"
                defined.setdefault(name, file)
    for header in headers:
        if header not in included:
            yield f"{header}:1: nobody includes this header"
    yield from event_problems(root)


def format_problems(root, required):
    program = shutil.which("clang-format-19")
    if program is None:
        if required:
            yield ".clang-format:1: clang-format-19 is not installed: apt-get install clang-format-19"
        else:
            print("lint: clang-format-19 is not installed: the format is not checked", file=sys.stderr)
        return
    files = list(sources(root))
    for at in range(0, len(files), 50):
        result = subprocess.run([program, "--dry-run", "-Werror", "--ferror-limit=1", *files[at:at + 50]],
                                cwd=root, capture_output=True, text=True, check=False)
        for match in re.finditer(r"^(\S+?):(\d+):\d+: error: code should be clang-formatted", result.stderr, re.M):
            yield f"{match.group(1)}:{match.group(2)}: not as .clang-format wants it: run clang-format-19 -i"


EVENT = re.compile(r'(?:LogLevel::\w+,\s*|\.event = )"([a-z_]+)"')


def event_problems(root):
    """The log's words are an interface: each one stands in CONTRIBUTING.md."""
    page = root / "CONTRIBUTING.md"
    listed = page.read_text(encoding="utf-8") if page.exists() else ""
    for file in sources(root):
        if file.startswith("agent/"):
            text = (root / file).read_text(encoding="utf-8", errors="replace")
            for match in EVENT.finditer(text):
                if f"`{match.group(1)}`" not in listed:
                    number = text.count("\n", 0, match.start()) + 1
                    yield f"{file}:{number}: log event {match.group(1)} is not listed in CONTRIBUTING.md"


BROKEN = (
    ("net/a.cpp", '#include "agent/config/config.hpp"\n', "net must not include agent/config/config.hpp"),
    ("dnsupdate/io/a.cpp", '#include "probes/probe.hpp"\n', "dnsupdate must not include probes/probe.hpp"),
    ("probes/http.cpp", '#include "dnsupdate/wire/name.hpp"\n', "probes must not include dnsupdate/wire/name.hpp"),
    ("agent/decide/policy.cpp", '#include "net/loop.hpp"\n', "a pure room sees no loop"),
    ("agent/health/tracker.cpp", "auto now = std::chrono::steady_clock::now();\n", "gets the time as a parameter"),
    ("agent/cli/main.cpp", "#include <nlohmann/json.hpp>\n", "nlohmann/json.hpp has one home"),
    ("net/lonely.hpp", "#pragma once\n", "nobody includes this header"),
    ("net/long.cpp", "int f(int a)\n{\n" + "  ++a;\n" * 80 + "  return a;\n}\n", "function of 84 lines"),
    ("net/member.cpp", "A::A() : a_{1}, b_(2) {\n" + "  ++a_;\n" * 80 + "}\n", "function of 82 lines"),
    ("net/two.cpp", "A::A(int c) : a_(c), b_{2} {\n" + "  ++a_;\n" * 80 + "}\n", "function of 82 lines"),
    ("net/twice.cpp", "namespace n {\nstruct A { int a; };\n}\nnamespace n {\nstruct A : B {};\n}\n",
     "n::A is defined in net/twice.cpp too"),
    ("net/inside.cpp", "namespace n {\nclass C {\n public:\n  int f() {\n" + "  ++a_;\n" * 80 + "  }\n};\n}\n",
     "function of 82 lines"),
    ("agent/run/agent.cpp", 'log(LogLevel::info, "surprise", {});\n', "log event surprise is not listed"),
    ("tests/unit/net/a.cpp", "void f() { ::sleep(1); }\n", "a unit test does not sleep"),
)
FINE = (
    ("probes/dns_probe.cpp", '#include "dnsupdate/wire/name.hpp"\n'),
    ("net/kept.cpp", "// lint: long function: one table of alerts\nint f(int a) {\n" + "  ++a;\n" * 80 + "}\n"),
    ("net/table.cpp", "const std::array<int, 90> kTable = {\n" + "  1,\n" * 90 + "};\n"),
    ("net/hidden.cpp", "namespace n {\nnamespace {\nstruct A {};\n}\nstruct C { struct A {}; };\nstruct A {};\n}\nstruct n::A::B {};\nstruct n::A::D {};\n"),
    ("net/many.cpp", "".join(f"int f{i}() {{\n" + "  g();\n" * 40 + "}\n" for i in range(9))),
    ("net/string.cpp", 'const char* kText = "{ ( {";\nint f() { return \'{\'; }\n'),
)


def self_test():
    failures = 0
    for file, text, expected in BROKEN + tuple((file, text, None) for file, text in FINE):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / file
            path.parent.mkdir(parents=True)
            path.write_text(text, encoding="utf-8")
            found = list(problems(Path(folder)))
        good = not found if expected is None else any(expected in problem for problem in found)
        if not good:
            failures += 1
            print(f"self-test: {file}: expected {expected!r}, found {found}", file=sys.stderr)
    print(f"lint self-test: {len(BROKEN) + len(FINE)} cases, {failures} failed")
    return 1 if failures else 0


def main(arguments):
    if arguments[:1] == ["--self-test"]:
        return self_test()
    root = Path(arguments[0] if arguments else ".").resolve()
    found = list(problems(root))
    found += format_problems(root, required=bool(os.environ.get("CI")))
    for problem in found:
        print(problem)
    print(f"lint: {len(found)} problem{'' if len(found) == 1 else 's'}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
