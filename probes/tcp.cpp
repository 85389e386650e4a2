#include "probes/protocols.hpp"
#include "probes/step_dialogue.hpp"

namespace ronda::probes {

std::unique_ptr<Dialogue> tcp_dialogue(const CheckSpec& check) {
  return std::make_unique<StepDialogue>(std::get<TcpCheck>(check.protocol).steps, check.read_limit,
                                        check.tls == TlsMode::implicit);
}

}  // namespace ronda::probes
