#include "agent/config/primary_reader.hpp"

#include <algorithm>
#include <utility>

#include "agent/config/suggestion.hpp"
#include "agent/config/tls_files.hpp"
#include "net/tls_pin.hpp"

namespace ronda::agent {
namespace {

constexpr std::uint16_t kDnsPort = 53;
constexpr std::uint16_t kTlsPort = 853;  // RFC 7858 3.1
constexpr std::size_t kMostPrimaries = 16;
constexpr std::size_t kCaFileLimit = std::size_t{16} * 1024 * 1024;

class PrimaryReader {
 public:
  PrimaryReader(const ObjectView& zone, const Folders& folders, ZoneConfig& config,
                Problems& problems)
      : zone_(zone), folders_(folders), config_(config), problems_(problems) {}

  void read() {
    const auto transport = zone_.text("transport");
    config_.transport = transport == "udp"   ? dnsupdate::Transport::udp
                        : transport == "tcp" ? dnsupdate::Transport::tcp
                        : transport == "tls" ? dnsupdate::Transport::tls
                                             : dnsupdate::Transport::automatic;
    read_primaries();
    read_source();
    read_tls();
  }

 private:
  bool over_tls() const { return config_.transport == dnsupdate::Transport::tls; }

  void read_primaries() {
    const Node* primary = zone_.get("primary");
    if (primary == nullptr) {
      return;
    }
    if (primary->kind != Node::Kind::list) {
      read_one(*primary);
      return;
    }
    if (primary->items.empty() || primary->items.size() > kMostPrimaries) {
      problems_.error(primary->place,
                      "\"primary\" must name 1 to " + std::to_string(kMostPrimaries) +
                          " servers; leave it out to find the primary through the SOA");
      return;
    }
    for (const Node& item : primary->items) {
      if (item.kind != Node::Kind::text) {
        problems_.error(item.place, "\"primary\" must list servers as \"address:port\"");
      } else {
        read_one(item);
      }
    }
  }

  void read_one(const Node& node) {
    auto parsed = net::parse_host_port(node.text);
    if (!parsed) {
      problems_.error(node.place, "\"primary\": " + parsed.error());
      return;
    }
    if (!net::IpAddress::parse(parsed->host) && !dnsupdate::Name::parse(parsed->host)) {
      problems_.error(node.place, "\"primary\": " + in_quotes(parsed->host) +
                                      " is neither an address nor a host name");
      return;
    }
    parsed->port = parsed->port.value_or(over_tls() ? kTlsPort : kDnsPort);
    if (std::ranges::find(config_.primaries, *parsed) != config_.primaries.end()) {
      problems_.error(node.place, "\"primary\" lists " + in_quotes(node.text) + " twice");
      return;
    }
    config_.primaries.push_back(std::move(*parsed));
  }

  void read_source() {
    const auto text = zone_.text("source");
    if (!text) {
      return;
    }
    const auto source = net::IpAddress::parse(*text);
    if (!source) {
      problems_.error(zone_.place("source"),
                      "\"source\": " + in_quotes(*text) + " is no IP address");
      return;
    }
    config_.source = source;
    for (const net::HostPort& primary : config_.primaries) {
      const auto server = net::IpAddress::parse(primary.host);
      if (server && server->family() != source->family()) {
        problems_.error(zone_.place("source"),
                        "\"source\" " + source->to_string() + " cannot reach \"primary\" " +
                            server->to_string() + ": one is IPv4, the other IPv6");
      }
    }
  }

  void read_tls() {
    const Node* node = zone_.get("tls");
    if (node != nullptr && !over_tls()) {
      problems_.error(node->place,
                      "\"tls\" means nothing without \"transport\": \"tls\"; add that, or remove "
                      "\"tls\"");
      return;
    }
    if (!over_tls()) {
      return;
    }
    config_.tls.alpn = "dot";
    if (node != nullptr) {
      const ObjectView tls(*node, zone_tls_keys(), "\"tls\"", problems_);
      read_ca_file(tls);
      read_name(tls);
      read_pin(tls);
      // A pin alone is enough; what is written beside it must hold too.
      config_.tls.verify = !tls.has("pin") || tls.has("ca_file") || tls.has("name");
    }
    if (!zone_.has("primary") && config_.tls_name.empty() && config_.tls.verify) {
      problems_.error(zone_.place("transport"),
                      "a primary found through the SOA proves nothing by its own name; over TLS "
                      "write \"primary\", or the \"name\" or \"pin\" of \"tls\"");
    }
  }

  void read_ca_file(const ObjectView& tls) {
    const auto text = tls.text("ca_file");
    if (!text) {
      return;
    }
    const auto path = folders_.resolve(*text);
    if (text->empty()) {
      problems_.error(tls.place("ca_file"),
                      "\"ca_file\" is empty; leave it out to trust the system's CA certificates");
    } else if (const auto file = read_file(path, kCaFileLimit, FileKind::regular); !file) {
      problems_.error(tls.place("ca_file"),
                      "CA file " + path.string() + " cannot be read: " + file.error());
    } else {
      for (const TlsFiles::Problem& problem : TlsFiles().problems({.ca_file = path.string()})) {
        problems_.error(tls.place(problem.key), in_quotes(problem.key) + ": " + problem.sentence);
      }
    }
    config_.tls.ca_file = path.string();
  }

  void read_name(const ObjectView& tls) {
    const auto text = tls.text("name");
    if (!text) {
      return;
    }
    if (text->empty() || (!net::IpAddress::parse(*text) && !dnsupdate::Name::parse(*text))) {
      problems_.error(tls.place("name"),
                      "\"name\": " + in_quotes(*text) +
                          " is no name that a certificate could carry; leave it out to use the "
                          "name or address in \"primary\"");
      return;
    }
    config_.tls_name = *text;
  }

  void read_pin(const ObjectView& tls) {
    const auto text = tls.text("pin");
    if (!text) {
      return;
    }
    if (const std::string problem = net::pin_problem(*text); !problem.empty()) {
      problems_.error(tls.place("pin"), "\"pin\": " + problem);
      return;
    }
    config_.tls.pin = *text;
  }

  const ObjectView& zone_;
  const Folders& folders_;
  ZoneConfig& config_;
  Problems& problems_;
};

}  // namespace

void read_primary_keys(const ObjectView& zone, const Folders& folders, ZoneConfig& config,
                       Problems& problems) {
  PrimaryReader(zone, folders, config, problems).read();
}

}  // namespace ronda::agent
