#include "dnsupdate/wire/serial.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/wire/wire_support.hpp"

using namespace ronda::dnsupdate;

namespace {

Message soa_answer() {
  Message reply;
  reply.header.aa = true;
  reply.answer.push_back(
      {.owner = name_of("Example.com"),
       .type = RrType::SOA,
       .rdata =
           rdata_of(RrType::SOA, "ns.example.com host.example.com 4294967295 1 2 3 4").wire()});
  return reply;
}

}  // namespace

TEST_CASE("serials turn over") {
  CHECK(behind(7, 9) == 2);
  CHECK(behind(9, 7) == -2);
  CHECK(behind(4294967295, 1) == 2);
  CHECK(behind(0, 2147483648) < 0);  // half a circle: behind neither way
  CHECK(behind(2147483648, 0) < 0);
}

TEST_CASE("a serial is read out of SOA data of the right form only") {
  const std::string data = soa_answer().answer.front().rdata;
  CHECK(soa_serial(data) == 4294967295);
  CHECK_FALSE(soa_serial(data.substr(1)));
  CHECK_FALSE(soa_serial(data.substr(0, data.size() - 1)));
  CHECK_FALSE(soa_serial(data + '\0'));
  CHECK_FALSE(soa_serial(""));
}

TEST_CASE("a serial counts in a whole, authoritative answer for that very zone") {
  const Name zone = name_of("example.com");
  Message reply = soa_answer();
  CHECK(serial_of(reply, zone) == 4294967295);
  CHECK_FALSE(serial_of(reply, name_of("www.example.com")));
  CHECK_FALSE(serial_of(reply, name_of("com")));
  reply.header.tc = true;
  CHECK_FALSE(serial_of(reply, zone));
  reply = soa_answer();
  reply.header.aa = false;
  CHECK_FALSE(serial_of(reply, zone));
  reply = soa_answer();
  reply.header.rcode = 5;
  CHECK_FALSE(serial_of(reply, zone));
  reply = soa_answer();
  reply.answer.front().rr_class = RrClass::CH;
  CHECK_FALSE(serial_of(reply, zone));
  CHECK_FALSE(serial_of(Message{}, zone));
}
