#include "agent/config/member_builder.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <variant>

#include "agent/config/dns_aim.hpp"
#include "agent/config/server_name.hpp"
#include "probes/exec.hpp"

namespace ronda::agent {
void MemberBuilder::require_port(const ReadCheck& check, const ReadReplica& replica) {
  if (replica.port || check.port || default_port(*check.kind, check.spec) != 0) {
    return;
  }
  const auto* exec = std::get_if<probes::ExecCheck>(&check.spec.protocol);
  const bool passes_it = exec != nullptr && probes::uses_port(*exec);
  if (!passes_it && !check.kind->needs_port) {
    return;
  }
  // One sentence for all replicas: mostly the check's own port is missing.
  if (portless_.insert(&check).second) {
    problems_.error(
        replica.place,
        "check " + in_quotes(check.name) +
            (passes_it ? " passes {port} to its program"
                       : " of type " + in_quotes(check.kind->name) + " has no port of its own") +
            "; give the check a \"port\", or each replica that has none");
  }
}

void MemberBuilder::require_host(const ReadCheck& check) {
  if (says_server_name(check.spec) && check.spec.server_name.empty() && !service_.probes_only &&
      service_name_.starts_with("*.")) {
    problems_.error(check.place, "check " + in_quotes(check.name) + " would ask for the wildcard " +
                                     in_quotes(service_name_) + "; give it a \"server_name\"");
  }
}

void MemberBuilder::require_zone(const ReadCheck& check) {
  const auto* dns = std::get_if<probes::DnsCheck>(&check.spec.protocol);
  if (dns == nullptr || !check.sound) {
    return;
  }
  if (std::string why = why_not_asked(*dns, zone_, zones_); !why.empty()) {
    const auto cure = why.find("\"name\"");
    if (check.spec.kind == "freshness" && cure != std::string::npos) {
      why.replace(cure, 6, "\"path\"");  // there the zone stands under another key
    }
    problems_.error(check.place, "check " + in_quotes(check.name) + " " + why);
  }
}

void MemberBuilder::require_enough(const ReadReplica& replica, const CheckBook::List& list) {
  const auto counting = std::ranges::count(list.checks, Scope::local,
                                           [](const ReadCheck* each) { return each->scope; });
  if (list.sound && counting == 0 && too_few_.insert(counting).second) {
    problems_.warning(replica.place,
                      "every check of this replica is a \"dependency\", which only "
                      "warns: it always counts as healthy");
  }
  const int* wanted = std::get_if<int>(&service_.require);
  if (wanted == nullptr || !list.sound || !std::cmp_greater(*wanted, counting)) {
    return;
  }
  const bool all_count = std::cmp_equal(counting, list.checks.size());
  if (too_few_.insert(counting).second) {  // one sentence for all replicas that have the same
    problems_.error(replica.place,
                    "\"require\" wants " + std::to_string(*wanted) +
                        " passing checks, but this replica has " + std::to_string(counting) +
                        (all_count ? "" : " that count: a \"dependency\" only warns"));
  }
}

void MemberBuilder::require_source(const ReadCheck& check, const ReadAddress& address) {
  const auto& source = check.spec.source;
  if (source && source->family() != address.ip.family()) {
    problems_.error(
        address.place,
        (check.is_report ? "load " : "check ") + in_quotes(check.name) +
            " probes from \"source\" " + source->to_string() + ", which cannot reach " +
            address.ip.to_string() +
            (check.is_report ? "; leave its \"source\" out, as a load asks every address of its "
                               "service"
                             : "; give this replica \"checks\" without that source"));
  }
}

// The name that a report is asked by is its own, or that of the check it is asked like.
void MemberBuilder::require_host_of_report(const ReadReport& report, const MemberCheck& aimed) {
  if (says_server_name(aimed.spec) && aimed.spec.server_name.starts_with("*.") &&
      nameless_.insert(&report).second) {
    problems_.error(
        report.check.place,
        (report.like_its_check ? "" : "load ") + in_quotes(report.check.name) +
            " would ask for the wildcard " + in_quotes(aimed.spec.server_name) +
            (report.like_its_check
                 ? "; it asks as the replica's check of that protocol does: give it one "
                   "with a \"server_name\""
                 : "; give it a \"server_name\""));
  }
}

MemberCheck MemberBuilder::aim(const ReadCheck& check, const ReadReplica& replica,
                               const ReadAddress& address) {
  MemberCheck aimed;
  aimed.name = check.name;
  aimed.spec = check.spec;
  if (aimed.spec.server_name.empty()) {
    const std::string host = host_name_of(service_);
    aimed.spec.server_name = !host.empty()          ? host
                             : replica.has_own_name ? replica.name
                                                    : address.ip.to_string();
  }
  if (auto* dns = std::get_if<probes::DnsCheck>(&aimed.spec.protocol)) {
    aim_dns(*dns, zone_, zones_);
  }
  if (auto* exec = std::get_if<probes::ExecCheck>(&aimed.spec.protocol)) {
    exec->service = service_.id;
    exec->replica = replica.name;
    exec->name = check.name;
  }
  if (auto* passive = std::get_if<probes::PassiveCheck>(&aimed.spec.protocol)) {
    passive->service = service_.id;
    passive->replica = replica.name;
  }
  aimed.endpoint.ip = address.ip;
  aimed.endpoint.port =
      replica.port.value_or(check.port.value_or(default_port(*check.kind, check.spec)));
  aimed.timing = check.timing;
  aimed.scope = check.scope;
  aimed.critical = check.critical;
  return aimed;
}

MemberCheck MemberBuilder::aim_report(const ReadReport& report, const Member& member,
                                      const ReadReplica& replica, const ReadAddress& address) {
  ReadReplica asked = replica;
  if (!report.like_its_check || report.check.port) {
    asked.port.reset();  // that of its service, beside which an agent listens
  }
  MemberCheck aimed = aim(report.check, asked, address);
  const auto same = std::ranges::find_if(member.checks, [&](const MemberCheck& check) {
    return check.spec.protocol.index() == aimed.spec.protocol.index();
  });
  if (!report.like_its_check || same == member.checks.end()) {
    return aimed;
  }
  aimed.endpoint.port = report.check.port.value_or(same->endpoint.port);
  aimed.spec.tls = same->spec.tls;
  aimed.spec.tls_settings = same->spec.tls_settings;
  aimed.spec.server_name = same->spec.server_name;
  aimed.spec.source = same->spec.source;
  if (auto* http = std::get_if<probes::HttpCheck>(&aimed.spec.protocol)) {
    const auto& own = std::get<probes::HttpCheck>(same->spec.protocol);
    http->host = own.host;
    http->headers = own.headers;
    http->login = own.login;
    http->version = own.version;
  } else if (auto* ftp = std::get_if<probes::FtpCheck>(&aimed.spec.protocol)) {
    const auto& own = std::get<probes::FtpCheck>(same->spec.protocol);
    ftp->login = own.login;
    ftp->anonymous = !own.login;
  } else if (auto* dns = std::get_if<probes::DnsCheck>(&aimed.spec.protocol)) {
    dns->transport = std::get<probes::DnsCheck>(same->spec.protocol).transport;
  }
  return aimed;
}

void MemberBuilder::add(const ReadReplica& replica, const CheckBook::List& list) {
  if (list.checks.empty() && list.sound) {
    problems_.error(replica.place, "replica " + in_quotes(replica.name) +
                                       " has no checks: it would always count as healthy; give it "
                                       "or its service \"checks\"");
  } else {
    require_enough(replica, list);
  }
  for (const ReadCheck* check : list.checks) {
    require_port(*check, replica);
    require_host(*check);
    require_zone(*check);
  }
  for (const ReadReport& report : reports_) {
    require_zone(report.check);
  }
  for (const ReadAddress& address : replica.addresses) {
    Member member;
    member.replica = replica.name;
    member.address = address.ip;
    member.port = replica.port;
    member.tier = replica.tier;
    for (const ReadCheck* check : list.checks) {
      require_source(*check, address);
      member.checks.push_back(aim(*check, replica, address));
    }
    for (const ReadReport& report : reports_) {
      require_source(report.check, address);
      member.reports.push_back(aim_report(report, member, replica, address));
      require_host_of_report(report, member.reports.back());
    }
    service_.members.push_back(std::move(member));
  }
}

}  // namespace ronda::agent
