#include "tests/integration/dnsupdate/meddling.hpp"

#include "dnsupdate/wire/tsig.hpp"

namespace ronda::test {
namespace {

using namespace dnsupdate;

using Forge = std::function<Bytes(const Passage&)>;

Message parsed(const Bytes& octets) {
  return read_message(octets).value();
}

Bytes written(const Message& message) {
  return write_message(message).value();
}

// What anybody can say who has seen the question.
Message bare_answer(const Passage& passage) {
  Message answer = parsed(passage.question);
  answer.header.qr = true;
  answer.answer.clear();
  answer.authority.clear();
  answer.additional.clear();
  return answer;
}

// The question's own TSIG record: key and algorithm are public.
ResourceRecord question_tsig(const Passage& passage) {
  return parsed(passage.question).additional.back();
}

// In TSIG rdata: algorithm name, time (6), fudge (2), MAC size (2), MAC, id (2), error (2), other.
std::size_t mac_offset(const std::string& rdata) {
  std::size_t at = 0;
  while (rdata[at] != '\0') {
    at += static_cast<unsigned char>(rdata[at]) + std::size_t{1};
  }
  return at + 1 + 6 + 2 + 2;
}

std::size_t mac_size(const std::string& rdata) {
  const std::size_t at = mac_offset(rdata);
  return (static_cast<unsigned char>(rdata[at - 2]) * std::size_t{256}) +
         static_cast<unsigned char>(rdata[at - 1]);
}

std::string with_mac_cut(std::string rdata, std::size_t length) {
  const std::size_t at = mac_offset(rdata);
  rdata.erase(at + length, mac_size(rdata) - length);
  rdata[at - 2] = '\0';
  rdata[at - 1] = static_cast<char>(length);
  return rdata;
}

Bytes wrong_mac(const Passage& passage) {
  Message reply = parsed(passage.reply);
  std::string& rdata = reply.additional.back().rdata;
  char& octet = rdata[mac_offset(rdata)];
  octet = static_cast<char>(octet ^ 1);
  return written(reply);
}

Bytes wrong_id(const Passage& passage) {
  Bytes reply = passage.reply;
  reply[0] ^= std::byte{0x55};
  return reply;
}

Bytes truncated_mac(const Passage& passage) {
  Message reply = parsed(passage.reply);
  std::string& rdata = reply.additional.back().rdata;
  rdata = with_mac_cut(rdata, 10);
  return written(reply);
}

// NOTAUTH with this TSIG error and what is left of the question's MAC.
Bytes not_auth(const Passage& passage, TsigError error, std::size_t mac_length,
               const std::string& other = {}) {
  Message answer = bare_answer(passage);
  answer.header.rcode = 9;
  ResourceRecord tsig = question_tsig(passage);
  tsig.rdata = with_mac_cut(tsig.rdata, mac_length);
  const std::size_t after_id = mac_offset(tsig.rdata) + mac_length + 2;
  tsig.rdata[after_id + 1] = static_cast<char>(error);
  tsig.rdata[after_id + 3] = static_cast<char>(other.size());
  tsig.rdata += other;
  answer.additional.push_back(tsig);
  return written(answer);
}

Bytes bad_key(const Passage& passage) {
  return not_auth(passage, TsigError::BADKEY, 0);
}

Bytes bad_signature(const Passage& passage) {
  return not_auth(passage, TsigError::BADSIG, 0);
}

// A server's clock in 1970, under the question's own MAC: named signs this one, so nobody else can.
Bytes bad_time(const Passage& passage) {
  return not_auth(passage, TsigError::BADTIME, 32, std::string(6, '\0'));
}

Bytes replayed(const Passage& passage) {
  Bytes reply = passage.earlier;
  reply[0] = passage.question[0];
  reply[1] = passage.question[1];
  return reply;
}

Bytes cut_short(const Passage& passage) {
  Message reply = parsed(passage.reply);
  reply.header.tc = true;
  return written(reply);
}

Bytes bad_version(const Passage& passage) {
  Message answer = bare_answer(passage);
  ResourceRecord opt;
  opt.type = static_cast<RrType>(41);
  opt.rr_class = static_cast<RrClass>(1232);
  opt.ttl = 0x01000000;  // extended rcode 16
  answer.additional.push_back(opt);
  return written(answer);
}

Bytes two_signatures(const Passage& passage) {
  Message reply = parsed(passage.reply);
  reply.additional.push_back(reply.additional.back());
  return written(reply);
}

Bytes signature_not_last(const Passage& passage) {
  Message reply = parsed(passage.reply);
  reply.additional.push_back({.owner = reply.question[0].name, .ttl = 1, .rdata = "abcd"});
  return written(reply);
}

std::function<Performance(const Passage&)> first(Forge forge) {
  return [forge](const Passage& passage) {
    return Performance{.messages = {forge(passage), passage.reply}};
  };
}

std::function<Performance(const Passage&)> alone(Forge forge) {
  return [forge](const Passage& passage) { return Performance{.messages = {forge(passage)}}; };
}

Performance unreachable(const Passage&) {
  return {.port_unreachable = true};
}

Performance silence(const Passage&) {
  return {};
}

Performance faithful(const Passage& passage) {
  return {.messages = {passage.reply}};
}

}  // namespace

std::vector<Meddling> all_meddling() {
  const Forge no_error = [](const Passage& passage) { return written(bare_answer(passage)); };
  const Forge garbage = [](const Passage&) { return Bytes(77, std::byte{0xa5}); };
  return {
      {"nothing at all", 1, faithful},
      {"unsigned NOERROR first", 1, first(no_error)},
      {"unsigned NOERROR, the question lost", 0, alone(no_error)},
      {"wrong MAC first", 1, first(wrong_mac)},
      {"wrong MAC alone", 1, alone(wrong_mac)},
      {"wrong id first", 1, first(wrong_id)},
      {"wrong id alone", 1, alone(wrong_id)},
      {"wrong source port", 1,
       [](const Passage& passage) {
         return Performance{.messages = {passage.reply}, .from_another_port = true};
       },
       Ways::datagram},
      {"truncated MAC", 1, alone(truncated_mac)},
      {"truncated MAC first", 1, first(truncated_mac)},
      {"BADKEY with an empty MAC first", 1, first(bad_key)},
      {"BADKEY with an empty MAC, though carried out", 1, alone(bad_key)},
      {"BADKEY with an empty MAC, the question lost", 0, alone(bad_key)},
      {"BADSIG with an empty MAC first", 1, first(bad_signature)},
      {"BADSIG with an empty MAC, though carried out", 1, alone(bad_signature)},
      {"BADSIG with an empty MAC, the question lost", 0, alone(bad_signature)},
      {"BADTIME under a wrong MAC first", 1, first(bad_time)},
      {"BADTIME under a wrong MAC, though carried out", 1, alone(bad_time)},
      {"BADTIME under a wrong MAC, the question lost", 0, alone(bad_time)},
      {"replayed reply of another request, the question lost", 0, alone(replayed)},
      {"replayed reply of another request first", 1, first(replayed)},
      {"lost reply", 1, silence},
      {"lost request", 0, silence},
      {"duplicated request", 2, faithful},
      {"TC over UDP", 1, alone(cut_short), Ways::datagram},
      {"TC over UDP, then the reply", 1, first(cut_short), Ways::datagram},
      {"ICMP port unreachable, though carried out", 1, unreachable, Ways::datagram},
      {"ICMP port unreachable, the question lost", 0, unreachable, Ways::datagram},
      {"ICMP port unreachable, then the reply", 1,
       [](const Passage& passage) {
         return Performance{.messages = {passage.reply}, .port_unreachable = true};
       },
       Ways::datagram},
      {"EDNS BADVERS", 1, alone(bad_version)},
      {"EDNS BADVERS first", 1, first(bad_version)},
      {"EDNS BADVERS, the question lost", 0, alone(bad_version)},
      {"two TSIGs", 1, alone(two_signatures)},
      {"two TSIGs first", 1, first(two_signatures)},
      {"TSIG not last", 1, alone(signature_not_last)},
      {"TSIG not last first", 1, first(signature_not_last)},
      {"garbage first", 1, first(garbage)},
      {"garbage, though carried out", 1, alone(garbage)},
      {"garbage, the question lost", 0, alone(garbage)},
      {"reset in the middle of the reply", 1,
       [](const Passage& passage) {
         return Performance{.messages = {passage.reply}, .half_then_reset = true};
       },
       Ways::stream},
      {"reset in the middle of a forged reply, the question lost", 0,
       [no_error](const Passage& passage) {
         return Performance{.messages = {no_error(passage)}, .half_then_reset = true};
       },
       Ways::stream},
      {"one octet at a time", 1,
       [](const Passage& passage) {
         return Performance{.messages = {passage.reply}, .one_octet_a_write = true};
       },
       Ways::stream},
  };
}

}  // namespace ronda::test
