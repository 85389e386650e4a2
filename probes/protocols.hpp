// The dialogue each kind of check holds: its steps, and the name SMTP introduces itself with.
// `local` is the address we speak from. Pure; one .cpp a protocol.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "net/address.hpp"
#include "probes/check.hpp"
#include "probes/dialogue.hpp"

namespace ronda::probes {

// What EHLO says (RFC 5321 4.1.1.1): `host_name` when it is a full name, else the literal of the
// address we speak from, which every MTA takes.
std::string ehlo_name(std::string_view host_name, const net::IpAddress& local);

std::unique_ptr<Dialogue> smtp_dialogue(const CheckSpec& check, const std::string& own_name);
std::unique_ptr<Dialogue> ftp_dialogue(const CheckSpec& check, const net::IpAddress& local);
std::unique_ptr<Dialogue> imap_dialogue(const CheckSpec& check);
std::unique_ptr<Dialogue> pop3_dialogue(const CheckSpec& check);
std::unique_ptr<Dialogue> tcp_dialogue(const CheckSpec& check);
std::unique_ptr<Dialogue> agent_dialogue(const CheckSpec& check);

// `unique`: a word that no other probe uses.
std::unique_ptr<Dialogue> postgresql_dialogue(const CheckSpec& check, std::string unique);
std::unique_ptr<Dialogue> mysql_dialogue(const CheckSpec& check);
std::unique_ptr<Dialogue> ldap_dialogue(const CheckSpec& check);

// What a dialogue is told besides its check: the address and port we speak from, and a word no
// other probe uses, for protocols that mark their requests.
struct Caller {
  net::Endpoint local{};
  std::string unique{};
};
std::unique_ptr<Dialogue> preset_dialogue(const CheckSpec& check, const Caller& caller);

// The one of these that the check holds; nothing for checks that are no dialogue.
std::unique_ptr<Dialogue> make_dialogue(const CheckSpec& check, std::string_view host_name,
                                        const Caller& caller);

}  // namespace ronda::probes
