#include "dnsupdate/wire/frame_reader.hpp"

#include "tests/support/catch.hpp"

namespace ronda::test {
namespace {

using dnsupdate::Bytes;
using dnsupdate::FrameReader;

TEST_CASE("messages come out whole, whatever the pieces") {
  const Bytes first(300, std::byte{1});
  const Bytes second{};
  const Bytes third(1, std::byte{3});
  Bytes stream;
  for (const Bytes& message : {first, second, third}) {
    const Bytes framed = dnsupdate::frame(message);
    stream.insert(stream.end(), framed.begin(), framed.end());
  }
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, stream.size()}) {
    FrameReader reader;
    std::vector<Bytes> found;
    for (std::size_t at = 0; at < stream.size(); at += piece) {
      reader.append(std::span(stream).subspan(at, std::min(piece, stream.size() - at)));
      while (auto message = reader.next()) {
        found.push_back(*message);
      }
    }
    CHECK(found == std::vector<Bytes>{first, second, third});
  }
}

TEST_CASE("an incomplete message is not one") {
  FrameReader reader;
  Bytes framed = dnsupdate::frame(Bytes(10, std::byte{5}));
  framed.pop_back();
  reader.append(framed);
  CHECK_FALSE(reader.next());
}

}  // namespace
}  // namespace ronda::test
