#include "tests/support/named/named.hpp"

#include "tests/support/catch.hpp"

using ronda::test::Named;

TEST_CASE("the named fixture starts, answers, counts, restarts") {
  Named named({.zone_text = "$TTL 60\n@ SOA ns h 7 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n"
                            "www A 192.0.2.2\nwww A 192.0.2.1\n"});
  CHECK(named.lookup("www.example.com") == std::vector<std::string>{"192.0.2.1", "192.0.2.2"});
  CHECK(named.lookup("none.example.com").empty());
  CHECK(named.serial() == 7);
  CHECK(named.update_count() == 0);
  named.kill();
  CHECK_FALSE(named.running());
  CHECK_THROWS(named.lookup("www.example.com"));
  named.start();
  CHECK(named.serial() == 7);
  named.stop();
}

TEST_CASE("a broken zone file is told with named's own words") {
  CHECK_THROWS_WITH(Named({.options = "no-such-option yes;"}), ContainsSubstring("no-such-option"));
}
