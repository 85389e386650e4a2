#include "dnsupdate/nsupdate/message_text.hpp"

#include <algorithm>
#include <utility>

#include "dnsupdate/nsupdate/octet_text.hpp"
#include "dnsupdate/nsupdate/type_form.hpp"
#include "net/base64.hpp"

namespace ronda::dnsupdate {
namespace {

constexpr std::size_t kTab = 8;

// One line whose fields begin in columns; a field that is already past its column follows after one
// blank.
class Line {
 public:
  Line& field(std::size_t column, const std::string& text) {
    if (column_ >= column) {
      if (column > 0) {
        text_ += ' ';
        ++column_;
      }
    } else {
      while (column_ < column) {
        text_ += '\t';
        column_ = (column_ / kTab + 1) * kTab;
      }
    }
    text_ += text;
    column_ += text.size();
    return *this;
  }
  std::string take() { return std::move(text_) + "\n"; }

 private:
  std::string text_{};
  std::size_t column_ = 0;
};

std::string class_text(RrClass rr_class) {
  constexpr unsigned kHesiod = 4;
  return static_cast<unsigned>(rr_class) == kHesiod ? "HS" : to_string(rr_class);
}

std::string opcode_text(Opcode opcode) {
  switch (opcode) {
    case Opcode::QUERY:
      return "QUERY";
    case Opcode::NOTIFY:
      return "NOTIFY";
    case Opcode::UPDATE:
      return "UPDATE";
  }
  return "RESERVED" + std::to_string(static_cast<unsigned>(opcode));
}

std::string number_at(std::string_view octets, std::size_t offset, std::size_t width) {
  std::uint64_t number = 0;
  for (const char octet : octets.substr(std::min(offset, octets.size()), width)) {
    number = number << 8U | static_cast<unsigned char>(octet);
  }
  return std::to_string(number);
}

// algorithm, time, fudge, MAC with its length, original id, error, other data with its length
std::string tsig_text(std::string_view octets) {
  std::size_t name_length = 0;
  while (name_length < octets.size() && octets[name_length] != '\0') {
    name_length += 1U + static_cast<unsigned char>(octets[name_length]);
  }
  const auto algorithm = Name::from_wire(octets.substr(0, name_length + 1));
  if (!algorithm || octets.size() < name_length + 17) {
    return "?";
  }
  const std::string_view fields = octets.substr(name_length + 1);
  const std::size_t mac_length = std::stoul(number_at(fields, 8, 2));
  if (fields.size() < 16 + mac_length) {
    return "?";
  }
  const std::string_view behind = fields.substr(10 + mac_length);
  std::string text = absolute_text(*algorithm) + " " + number_at(fields, 0, 6) + " " +
                     number_at(fields, 6, 2) + " " + std::to_string(mac_length) + " ";
  if (mac_length > 0) {
    text += net::encode_base64(fields.substr(10, mac_length)) + " ";
  }
  const auto error = static_cast<TsigError>(std::stoul(number_at(behind, 2, 2)));
  return text + number_at(behind, 0, 2) + " " + to_string(error) + " " + number_at(behind, 4, 2) +
         " " + net::encode_base64(behind.substr(6));
}

std::string record_text(const ResourceRecord& record) {
  Line line;
  line.field(0, absolute_text(record.owner))
      .field(24, std::to_string(record.ttl))
      .field(32, class_text(record.rr_class))
      .field(40, type_text(record.type));
  if (record.type == RrType::TSIG) {
    line.field(48, tsig_text(record.rdata));
  } else {
    // In UPDATE a record of these classes without data stands for a whole set or name.
    const bool whole = record.rr_class == RrClass::ANY || record.rr_class == RrClass::NONE;
    line.field(48, record.rdata.empty() && whole ? "" : data_text(record.type, record.rdata));
  }
  return line.take();
}

std::string section_text(const std::string& title, const std::vector<ResourceRecord>& records) {
  std::string text;
  for (const ResourceRecord& record : records) {
    text += record_text(record);
  }
  return text.empty() ? text : ";; " + title + ":\n" + text + "\n";
}

std::string flags_text(const Header& header) {
  std::string text;
  for (const auto& [set, word] :
       {std::pair{header.qr, " qr"}, std::pair{header.aa, " aa"}, std::pair{header.tc, " tc"},
        std::pair{header.rd, " rd"}, std::pair{header.ra, " ra"}, std::pair{header.ad, " ad"},
        std::pair{header.cd, " cd"}}) {
    text += set ? word : "";
  }
  return text;
}

}  // namespace

std::string message_text(const Message& message) {
  const bool update = message.header.opcode == Opcode::UPDATE;
  const auto count = [](const char* title, std::size_t number) {
    return std::string(title) + ": " + std::to_string(number);
  };
  const std::string id = std::to_string(message.header.id);
  std::string text = ";; ->>HEADER<<- opcode: " + opcode_text(message.header.opcode) +
                     ", status: " + to_string(message.rcode()) +
                     ", id: " + std::string(6 - std::min<std::size_t>(id.size(), 6), ' ') + id +
                     "\n;; flags:" + flags_text(message.header) + "; " +
                     count(update ? "ZONE" : "QUESTION", message.question.size()) + ", " +
                     count(update ? "PREREQ" : "ANSWER", message.answer.size()) + ", " +
                     count(update ? "UPDATE" : "AUTHORITY", message.authority.size()) + ", " +
                     count("ADDITIONAL", message.additional.size()) + "\n";
  if (!message.question.empty()) {
    text += update ? ";; ZONE SECTION:\n" : ";; QUESTION SECTION:\n";
    for (const Question& question : message.question) {
      Line line;
      text += line.field(0, ";" + absolute_text(question.name))
                  .field(32, class_text(question.rr_class))
                  .field(40, type_text(question.type))
                  .take();
    }
    text += "\n";
  }
  text += section_text(update ? "PREREQUISITE SECTION" : "ANSWER SECTION", message.answer);
  text += section_text(update ? "UPDATE SECTION" : "AUTHORITY SECTION", message.authority);
  std::vector<ResourceRecord> others = message.additional;
  std::vector<ResourceRecord> signature;
  if (!others.empty() && others.back().type == RrType::TSIG) {
    signature.push_back(std::move(others.back()));
    others.pop_back();
  }
  return text + section_text("ADDITIONAL SECTION", others) +
         section_text("TSIG PSEUDOSECTION", signature);
}

}  // namespace ronda::dnsupdate
