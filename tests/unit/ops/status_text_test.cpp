#include "agent/ops/status_text.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/ops/snapshot_sample.hpp"

using namespace ronda;
using namespace ronda::agent;

TEST_CASE("the Nagios line") {
  CHECK(nagios_line(test::snapshot_of(test::healthy_service())) ==
        "RONDA OK: www.example.com 2/2 up|'www.example.com'=2;;;0;2");
  CHECK(nagios_line(test::snapshot_of(test::degraded_service())) ==
        "RONDA WARNING: www.example.com 1/2 up, DNS updated|'www.example.com'=1;;;0;2");
}

TEST_CASE("the Nagios line names the worst first and stays short") {
  Snapshot snapshot;
  for (int i = 0; i < 9; ++i) {
    snapshot.services.push_back(test::healthy_service());
    snapshot.services.back().service = "s" + std::to_string(i);
  }
  snapshot.services[7].state = ServiceState::down;
  snapshot.services[7].update.kind = UpdateKind::rejected;
  const std::string line = nagios_line(snapshot);
  CHECK(line.starts_with("RONDA CRITICAL: s7 2/2 up, update rejected, s0 2/2 up"));
  CHECK_THAT(line, ContainsSubstring("and 3 more services|'s0'=2;;;0;2 's1'"));
  CHECK_THAT(line, ContainsSubstring(" 's8'=2;;;0;2"));
}

TEST_CASE("a Nagios line has one bar and one line, whatever is said") {
  Snapshot snapshot = test::snapshot_of(test::healthy_service());
  snapshot.services[0].service = "it's|a=b";
  snapshot.errors = {"odd | bar\nand line"};
  CHECK(nagios_line(snapshot) ==
        "RONDA UNKNOWN: it's/a=b 2/2 up; odd / bar?and line|'it''s/a_b'=2;;;0;2");
}

TEST_CASE("the text for people") {
  CHECK(to_text(test::snapshot_of(test::degraded_service()), {}) ==
        "RONDA WARNING: www.example.com 1/2 up, DNS updated|'www.example.com'=1;;;0;2\n"
        "\n"
        "www.example.com  A  degraded\n"
        "    published: 192.0.2.1\n"
        "    because:   1 of 2 healthy in tier 1\n"
        "    web1  192.0.2.1  up    0/3  published      L7OK   web: status 200 (1.5 ms)\n"
        "    web2  192.0.2.2  down  0/3  not published  L4CON  web: connection refused (0.4 ms)\n"
        "    update: applied NOERROR by 127.0.0.1:53\n");
}

TEST_CASE("only who is healthy and kept out is called withheld, and without records nobody") {
  ServiceStatus service = test::healthy_service();
  service.replicas[1].published = false;
  service.replicas[1].withheld = {.kind = Withheld::hot, .why = "number 9 over 2"};
  CHECK_THAT(to_text(test::snapshot_of(service), {}),
             ContainsSubstring("web2  192.0.2.2  up  0/3  withheld   L7OK  web: status 200 (1.5 "
                               "ms); hot\n"));
  service.type = "none";
  CHECK_THAT(to_text(test::snapshot_of(service), {}),
             ContainsSubstring("web1  192.0.2.1  up  0/3  L7OK  web"));
}

TEST_CASE("what warns stands below its replica and in the first line") {
  Snapshot snapshot = test::snapshot_of(test::healthy_service());
  probes::ProbeResult refused;
  refused.verdict = probes::Verdict::fail;
  refused.code = probes::Code::L4CON;
  refused.detail = "connection refused";
  refused.phases.total = std::chrono::microseconds(400);
  snapshot.services[0].replicas[1].warnings = {{.check = "store", .result = refused}};
  const std::string text = to_text(snapshot, {});
  CHECK(text.starts_with("RONDA WARNING: www.example.com 2/2 up, 1 warns|"));
  CHECK_THAT(text, ContainsSubstring("\n      look at L4CON store: connection refused (0.4 ms)\n"));
}

TEST_CASE("a plan shows the change and its nsupdate text") {
  Snapshot snapshot = test::snapshot_of(test::healthy_service());
  ServiceStatus& service = snapshot.services[0];
  service.mode = WriteMode::observe;
  service.wanted = {"192.0.2.1"};
  service.update.kind = UpdateKind::skipped;
  service.pending_text = "zone example.com\nupdate delete www.example.com A 192.0.2.2\nsend\n";
  const std::string text = to_text(snapshot, {});
  CHECK(text.starts_with("RONDA WARNING: www.example.com 2/2 up, change pending|"));
  CHECK_THAT(text, ContainsSubstring("    wanted:    192.0.2.1\n"));
  CHECK_THAT(text, ContainsSubstring("\n      update delete www.example.com A 192.0.2.2\n"));
  CHECK_THAT(text, ContainsSubstring("observe"));
}

TEST_CASE("nothing from the network speaks to the terminal") {
  Snapshot snapshot = test::snapshot_of(test::degraded_service());
  snapshot.services[0].replicas[1].last->result.detail = "\033[2J\r\nboo";
  snapshot.services[0].update.outcome.detail = "\033]0;x\007";
  const std::string text = to_text(snapshot, {});
  CHECK(text.find('\033') == std::string::npos);
  CHECK(text.find('\r') == std::string::npos);
  CHECK(to_text(snapshot, {.color = true}).find("\033[31mdown\033[0m") != std::string::npos);
}

TEST_CASE("quiet says only changes and trouble") {
  const TextOptions quiet{.changes_only = true};
  CHECK(to_text(test::snapshot_of(test::healthy_service()), quiet).empty());
  ServiceStatus steady = test::degraded_service();
  steady.update.kind = UpdateKind::unchanged;
  CHECK(to_text(test::snapshot_of(steady), quiet).empty());
  CHECK_FALSE(to_text(test::snapshot_of(test::degraded_service()), quiet).empty());
  Snapshot failed = test::snapshot_of(steady);
  failed.errors = {"boom"};
  CHECK_THAT(to_text(failed, quiet), ContainsSubstring("error: boom"));
}

TEST_CASE("an error of a service is said once") {
  Snapshot snapshot = test::snapshot_of(test::healthy_service());
  snapshot.services[0].error = "no answer";
  snapshot.errors = {"www.example.com: no answer", "something else"};
  const std::string text = to_text(snapshot, {});
  const std::string table = text.substr(text.find('\n'));
  CHECK(table.find("no answer") == table.rfind("no answer"));
  CHECK_THAT(table, ContainsSubstring("error: something else"));
}

TEST_CASE("the exit code is read back from the first line") {
  CHECK(exit_of_nagios_line("RONDA OK: x") == 0);
  CHECK(exit_of_nagios_line("RONDA WARNING: x") == 1);
  CHECK(exit_of_nagios_line("RONDA CRITICAL: x") == 2);
  CHECK(exit_of_nagios_line("RONDA UNKNOWN: x") == 3);
  CHECK(exit_of_nagios_line("<html>") == 3);
}
