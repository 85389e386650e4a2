#include "probes/protocols.hpp"

#include <type_traits>
#include <variant>

namespace ronda::probes {

std::unique_ptr<Dialogue> make_dialogue(const CheckSpec& check, std::string_view host_name,
                                        const Caller& caller) {
  return std::visit(
      [&]<typename Held>([[maybe_unused]] const Held& held) -> std::unique_ptr<Dialogue> {
        if constexpr (std::is_same_v<Held, SmtpCheck>) {
          return smtp_dialogue(check, ehlo_name(host_name, caller.local.ip));
        } else if constexpr (std::is_same_v<Held, FtpCheck>) {
          return ftp_dialogue(check, caller.local.ip);
        } else if constexpr (std::is_same_v<Held, ImapCheck>) {
          return imap_dialogue(check);
        } else if constexpr (std::is_same_v<Held, Pop3Check>) {
          return pop3_dialogue(check);
        } else if constexpr (std::is_same_v<Held, TcpCheck>) {
          return tcp_dialogue(check);
        } else if constexpr (std::is_same_v<Held, PresetCheck>) {
          return preset_dialogue(check, caller);
        } else if constexpr (std::is_same_v<Held, DatabaseCheck>) {
          return held.database == Database::mysql ? mysql_dialogue(check)
                                                  : postgresql_dialogue(check, caller.unique);
        } else if constexpr (std::is_same_v<Held, AgentCheck>) {
          return agent_dialogue(check);
        } else {
          return nullptr;
        }
      },
      check.protocol);
}

}  // namespace ronda::probes
