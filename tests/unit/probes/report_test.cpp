// What is read out of HTTP answers for reports: the metrics of a host, numbers, stamps.
#include <string>
#include <vector>

#include "probes/exposition.hpp"
#include "probes/http_judge.hpp"
#include "probes/json_number.hpp"
#include "probes/stamp.hpp"
#include "tests/support/catch.hpp"

namespace ronda::probes {
namespace {

std::string text_of(const std::expected<Reading, std::string>& reading) {
  if (!reading) {
    return reading.error();
  }
  std::string text;
  for (const Measure& measure : reading->measures) {
    std::string value = std::to_string(measure.value);
    value.erase(value.find_last_not_of('0') + 1);
    text += (text.empty() ? "" : " ") + measure.name +
            (measure.part.empty() ? "" : "/" + measure.part) + "=" + value;
  }
  return text;
}

std::string read(std::string_view text) {
  return text_of(read_host_report(text));
}

}  // namespace

TEST_CASE("exposition: a host") {
  CHECK(read(R"(# HELP node_load1 1m load average.
# TYPE node_load1 gauge
node_load1 3
node_load15 9
node_cpu_seconds_total{cpu="0",mode="idle"} 10.5
node_cpu_seconds_total{cpu="0",mode="user"} 3
node_cpu_seconds_total{cpu="1",mode="idle"} 1.0e+01 1700000000000
node_memory_MemTotal_bytes 8.0e+09
node_memory_MemAvailable_bytes 2.0e+09
node_filesystem_size_bytes{device="/dev/sda1",fstype="ext4",mountpoint="/"} 100
node_filesystem_avail_bytes{device="/dev/sda1",fstype="ext4",mountpoint="/"} 40
node_filesystem_size_bytes{device="/dev/sdb1",fstype="xfs",mountpoint="/srv"} 100
node_filesystem_avail_bytes{device="/dev/sdb1",fstype="xfs",mountpoint="/srv"} 25
node_network_receive_bytes_total{device="eth0"} 100
node_network_transmit_bytes_total{device="eth0"} 20
node_network_receive_bytes_total{device="lo"} 5
)") == "load_per_core=1.5 memory_used=0.75 disk_used=0.75 network/eth0=120.");
}

TEST_CASE("exposition: what is no disk of the host") {
  const auto disk = [](const std::string& type, const std::string& more = "") {
    const std::string labels = "{fstype=\"" + type + "\",mountpoint=\"/a\"} ";
    return read("node_filesystem_size_bytes" + labels + "100\nnode_filesystem_avail_bytes" +
                labels + "1\n" + more);
  };
  CHECK(disk("ext4") == "disk_used=0.99");
  for (const char* type :
       {"tmpfs", "overlay", "squashfs", "nfs4", "fuse.sshfs", "cgroup2", "iso9660", ""}) {
    INFO(type);
    CHECK(disk(type).empty());
  }
  CHECK(disk("ext4", "node_filesystem_readonly{fstype=\"ext4\",mountpoint=\"/a\"} 1").empty());
}

TEST_CASE("exposition: values that nobody knows are left out") {
  CHECK(read("node_load1 NaN\nnode_cpu_seconds_total{mode=\"idle\"} 1\n").empty());
  CHECK(read("node_load1 +Inf\nnode_cpu_seconds_total{mode=\"idle\"} 1\n").empty());
  CHECK(read("node_load1 1\n").empty());
  CHECK(read("node_memory_MemTotal_bytes 0\nnode_memory_MemAvailable_bytes 0").empty());
  CHECK(read("node_memory_MemTotal_bytes 1\nnode_memory_MemAvailable_bytes 2").empty());
  CHECK(read("").empty());
  CHECK(read("\n\n#\n").empty());
  CHECK(read("node_load1 1\r\nnode_cpu_seconds_total{mode=\"idle\",} 1\r\n") == "load_per_core=1.");
}

TEST_CASE("exposition: a line that is not well-formed refuses the report") {
  for (const char* line :
       {"node_load1", "node_load1 ", "node_load1 one", "node_load1 1 2 3", "node_load1{ 1",
        "node_load1{a=\"b} 1", "node_load1{a=b} 1", "node_load1{a} 1", "node_load1{=\"b\"} 1",
        "node_load1{a=\"b\"c=\"d\"} 1", "node_load1{a=\"b\\", "node_load1 0x10", "node_load1 1e999",
        "node_load1 1 soon"}) {
    INFO(line);
    CHECK(read(std::string("node_x 1\n") + line) ==
          "line 2 is no sample: \"" + std::string(line) + "\"");
  }
  std::string labels;
  for (int i = 0; i < 40; ++i) {
    labels += "a=\"b\",";
  }
  CHECK(read("node_load1{" + labels + "} 1").starts_with("line 1 is no sample"));
  std::string devices;
  for (int i = 0; i < 520; ++i) {
    devices += "node_network_receive_bytes_total{device=\"" + std::to_string(i) + "\"} 1\n";
  }
  CHECK(read(devices) == "line 513 is one disk or network device too many");
  CHECK(read("node_load1 1\nnode_cpu_seconds_total{mode=\"id\\le\",b=\"\\") ==
        "line 2 is no sample: \"node_cpu_seconds_total{mode=\"id\\le\",b=\"\\\"");
  CHECK(read("node_filesystem_size_bytes{fstype=\"ext\\4\",mountpoint=\"/a\\nb\"} 100\n"
             "node_filesystem_avail_bytes{fstype=\"ext4\",mountpoint=\"/a\nb\"} 10\n")
            .starts_with("line 2 is no sample"));
  CHECK(read("node_filesystem_size_bytes{fstype=\"ext\\4\",mountpoint=\"/a\\nb\"} 100\n"
             "node_filesystem_avail_bytes{fstype=\"ext4\",mountpoint=\"/a\\nb\"} 10\n") ==
        "disk_used=0.9");
  CHECK(read("node_load1 1\nnode_cpu_seconds_total{a=\"\\\"} 9\\n\\\\\",mode=\"idle\"} 1\n") ==
        "load_per_core=1.");
}

TEST_CASE("exposition: only so many samples as a large host has are read") {
  const auto host_of = [](int cores) {
    std::string text = "node_load1 1\n# TYPE node_cpu_seconds_total counter\n";
    for (int core = 0; core < cores; ++core) {
      for (const char* mode :
           {"idle", "iowait", "irq", "nice", "softirq", "steal", "system", "user"}) {
        text += "node_cpu_seconds_total{cpu=\"" + std::to_string(core) + "\",mode=\"" + mode +
                "\"} 1\nnode_other 1\n";
      }
    }
    return read(text);
  };
  CHECK(host_of(2048).starts_with("load_per_core=0.0004"));
  CHECK(host_of(5000) == "line 65537 is one sample of a host too many");
}

TEST_CASE("a number, alone or in JSON") {
  CHECK(parse_plain_number(" 0.75\r\n") == 0.75);
  CHECK(parse_plain_number("-3e2") == -300);
  for (const char* bad : {"", " ", "1 2", "0x1", "1,5", "inf", "nan", "1e999", "one"}) {
    INFO(bad);
    CHECK_FALSE(parse_plain_number(bad).has_value());
  }
  constexpr std::string_view kText =
      R"( {"skip": [1, {"a": "}"}, null, true, -1.5e3, []], "a/b": {"~": [10, "2.5", {"x": 4}]},
           "\u00e9\n": 7, "last": 8} )";
  CHECK(find_json_number(kText, "/last") == 8);
  CHECK(find_json_number(kText, "/skip/0") == 1);
  CHECK(find_json_number(kText, "/skip/4") == -1500);
  CHECK(find_json_number(kText, "/a~1b/~0/0") == 10);
  CHECK(find_json_number(kText, "/a~1b/~0/1") == 2.5);
  CHECK(find_json_number(kText, "/a~1b/~0/2/x") == 4);
  CHECK(find_json_number(kText, "/\xc3\xa9\n") == 7);
  CHECK(find_json_number("5", "") == 5);
  for (const char* gone : {"/none", "/skip/9", "/skip/00", "/skip/-", "/skip/1/a", "/skip/2",
                           "/last/x", "/skip", ""}) {
    INFO(gone);
    CHECK_FALSE(find_json_number(kText, gone).has_value());
  }
  for (const char* broken :
       {"{\"a\": 1 \"b\": 2}", "{\"a\": tru, \"b\": 2}", "{\"a\": \"\\x\", \"b\": 2}",
        "{\"a\": \"\\u00\", \"b\": 2}", "{\"a\": [1, 2, \"b\": 2}", "{\"a\" 1, \"b\": 2}",
        "{\"a\": \"", "{", "", "{\"b\"", "{\"b\":", "{\"b\": 2x}"}) {
    INFO(broken);
    CHECK_FALSE(find_json_number(broken, "/b").has_value());
  }
  const std::string deep(100'000, '[');
  CHECK_FALSE(find_json_number("{\"a\":" + deep + ",\"b\": 2}", "/b").has_value());
  CHECK(find_json_number("{}", "/load").error() ==
        "expected JSON with a number at \"/load\", got \"{}\"");
}

TEST_CASE("a number in JSON: of what stands twice the last one counts") {
  CHECK(find_json_number(R"({"a": 1, "a": 2})", "/a") == 2);
  CHECK_FALSE(find_json_number(R"({"a": 1, "a": {}})", "/a").has_value());
  CHECK_FALSE(find_json_number(R"({"a": {"b": 1}, "a": 5})", "/a/b").has_value());
  CHECK(find_json_number(R"({"a": {"a": 9, "b": {"a": 8}}, "b": {"a": 3}})", "/b/a") == 3);
  CHECK(find_json_number(R"([[0, 1], [2, 3, {"x": "7"}]])", "/1/2/x") == 7);
  CHECK(find_json_number(R"({"": {"": 6}})", "//") == 6);
}

TEST_CASE("a number in JSON of any shape is found in one pass") {
  for (const std::size_t size : {std::size_t{64} << 10U, std::size_t{1} << 20U}) {
    for (const std::string element : {"{},", "[],", "{\"x\":1},", "[[1],{}],"}) {
      std::string text = R"({"a": 1, "b": [)";
      while (text.size() < size) {
        text += element;
      }
      text += "5]}";
      CHECK(find_json_number(text, "/a") == 1);
      CHECK_FALSE(find_json_number(text, "/b").has_value());
    }
    const std::string deep = std::string(size, '[') + "1" + std::string(size, ']');
    CHECK(find_json_number("{\"b\":" + deep + ",\"a\": 2}", "/a") == 2);
  }
}

TEST_CASE("JSON pointers") {
  for (const char* good : {"", "/", "/a", "/a/0", "/~0~1", "//"}) {
    CHECK(is_json_pointer(good));
  }
  for (const char* bad : {"a", "/~", "/~2", "~0"}) {
    CHECK_FALSE(is_json_pointer(bad));
  }
}

TEST_CASE("stamps") {
  const auto stamp = [](std::string_view text, StampFormat format) {
    return parse_stamp(text, format).value_or(-1);
  };
  CHECK(stamp("1700000000\n", StampFormat::unix_seconds) == 1700000000);
  CHECK(stamp("1700000000.5", StampFormat::unix_seconds) == 1700000000.5);
  CHECK(stamp("-5", StampFormat::unix_seconds) == -1);
  CHECK(stamp("1e300", StampFormat::unix_seconds) == -1);
  CHECK(stamp("2026-01-01T00:00:00Z", StampFormat::rfc3339) == 1767225600);
  CHECK(stamp("2026-01-01 01:00:00.25+01:00", StampFormat::rfc3339) == 1767225600.25);
  CHECK(stamp("2025-12-31T22:30:00-01:30", StampFormat::rfc3339) == 1767225600);
  CHECK(stamp("Thu, 01 Jan 2026 00:00:00 GMT", StampFormat::http) == 1767225600);
  CHECK(stamp("Thursday, 01-Jan-26 00:00:00 GMT", StampFormat::http) == 1767225600);
  CHECK(stamp("Thu Jan  1 00:00:00 2026", StampFormat::http) == 1767225600);
  CHECK(stamp("Sat Jan 31 01:02:03 2026", StampFormat::http) == 1769821323);
  CHECK(stamp("Sunday, 06-Nov-94 08:49:37 GMT", StampFormat::http) == 784111777);
  CHECK(stamp("42", StampFormat::integer) == 42);
  CHECK(parse_mdtm("20260101000000").value_or(-1) == 1767225600);
  CHECK(parse_mdtm("20260101000000.5").value_or(-1) == 1767225600.5);
  for (const char* bad : {"",
                          "2026-01-01",
                          "2026-13-01T00:00:00Z",
                          "2026-01-01T24:00:00Z",
                          "2026-01-01T00:00:00",
                          "2026-01-01T00:00:00+1:00",
                          "x026-01-01T00:00:00Z",
                          "2026-01-01T00:00:00.Z",
                          "Thu, 01 Jan 2026 00:00:00 +0000",
                          "Thu, 32 Jan 2026 00:00:00 GMT",
                          "Thu, 01 Jab 2026 00:00:00 GMT",
                          "Thu, 01-Jan-26 00:00:00 GMT",
                          "Thursday, 01 Jan 2026 00:00:00 GMT",
                          "Thursday, 01-Jan-26 00:00:00 UTC",
                          "Thursday, 01-Jan-2026 00:00:00 GMT",
                          "Thu Jan 1 00:00:00 2026",
                          "Thu Jan  1 00:00:00 26",
                          "Thu Jan  1 00:00",
                          ", ",
                          ",  GMT",
                          "Thu, 1 GMT",
                          "Thu Jan  x 00:00:00 2026"}) {
    INFO(bad);
    CHECK_FALSE(parse_stamp(bad, StampFormat::rfc3339).has_value());
    CHECK_FALSE(parse_stamp(bad, StampFormat::http).has_value());
    CHECK_FALSE(parse_stamp(bad, StampFormat::integer).has_value());
    CHECK_FALSE(parse_mdtm(bad).has_value());
  }
  CHECK(parse_stamp("soon", StampFormat::integer).error() ==
        "expected a whole number, got \"soon\"");
}

TEST_CASE("a report by HTTP is read once the answer is good") {
  const auto judged = [](HttpReading reading, const HttpReply& reply) {
    return judge_http({.protocol = HttpCheck{.reading = std::move(reading)}}, reply);
  };
  const HttpReply reply{.status = 200,
                        .headers = {{"last-modified", "Thu, 01 Jan 2026 00:00:00 GMT"}},
                        .body = R"({"load": 0.5})"};
  const auto number = judged({.as = ReadAs::number, .pointer = "/load"}, reply);
  CHECK(number.detail == "number 0.5");
  REQUIRE(number.reading.measures.size() == 1);
  CHECK(number.reading.measures[0].value == 0.5);
  const auto stamp = judged({.as = ReadAs::stamp, .header = "Last-Modified"}, reply);
  CHECK(stamp.detail == "stamp Thu, 01 Jan 2026 00:00:00 GMT");
  CHECK(judged({.as = ReadAs::stamp, .header = "Age"}, reply).detail ==
        "expected a header Age, but there is none");
  CHECK(judged({.as = ReadAs::metrics}, reply).detail ==
        "expected metrics of node_exporter such as node_load1, got \"{\"load\": 0.5}\"");
  const auto watched = [&](std::vector<std::string> measures, const std::string& body) {
    HttpReply metrics{.status = 200, .body = body};
    return judged({.as = ReadAs::metrics, .measures = std::move(measures)}, metrics).detail;
  };
  const std::string cpu = "node_cpu_seconds_total{cpu=\"0\",mode=\"idle\"} 1\n";
  CHECK(watched({"load_per_core"}, "node_load1 2\n" + cpu) == "load_per_core 2");
  CHECK(watched({"load_per_core", "disk_used"}, "node_load1 2\n" + cpu) ==
        "no disk_used among the metrics: node_filesystem_size_bytes is missing");
  CHECK(watched({"disk_used"},
                "node_filesystem_size_bytes{fstype=\"tmpfs\"} 1\n"
                "node_filesystem_avail_bytes{fstype=\"tmpfs\"} 1\n" +
                    cpu) == "no disk_used among the metrics");
  CHECK(watched({"load_per_core"}, "node_load1 2\n") ==
        "no load_per_core among the metrics: node_cpu_seconds_total{mode=\"idle\"} is missing");
  CHECK(watched({"network"}, "node_load1 2\n" + cpu) ==
        "no network among the metrics: node_network_receive_bytes_total is missing");
  CHECK(watched({"network"}, "node_network_receive_bytes_total{device=\"eth0\"} 1\n") ==
        "1 network devices");
  CHECK(watched({"disk_used"}, "<html>") ==
        "expected metrics of node_exporter such as node_load1, got \"<html>\"");
  HttpReply bad = reply;
  bad.status = 500;
  CHECK(judged({.as = ReadAs::number, .pointer = "/load"}, bad).reading.empty());
  HttpReply cut = reply;
  cut.cut = true;
  CHECK(judged({.as = ReadAs::number, .pointer = "/load"}, cut).verdict == Verdict::fail);
}

}  // namespace ronda::probes
