#include "dnsupdate/update/diagnosis.hpp"

#include <cerrno>
#include <cstdlib>

namespace ronda::dnsupdate {
namespace {

std::string key_text(const DiagnosisContext& context) {
  return context.key_name.empty() ? "the TSIG key" : "the TSIG key \"" + context.key_name + "\"";
}

std::string zone_text(const DiagnosisContext& context) {
  return context.zone.empty() ? "this zone" : "zone \"" + context.zone + "\"";
}

std::string rcode_text(std::optional<Rcode> rcode, std::optional<TsigError> tsig_error) {
  std::string text = rcode ? to_string(*rcode) : std::string("an unreadable reply");
  if (tsig_error) {
    text += ", " + to_string(*tsig_error);
  }
  return text;
}

std::string clock_text(const DiagnosisContext& context, std::optional<std::chrono::seconds> skew) {
  std::string text = context.server + " refuses the time in our signature (NOTAUTH, BADTIME): ";
  if (skew) {
    const auto seconds = skew->count();
    text += "its clock is " + std::to_string(std::llabs(seconds)) + " s " +
            (seconds < 0 ? "behind" : "ahead of") + " this host's and 300 s are allowed; ";
  } else {
    text += "the two clocks differ by more than 300 s; ";
  }
  return text + "synchronise both hosts with NTP";
}

std::string tsig_text(const DiagnosisContext& context, TsigError error,
                      std::optional<std::chrono::seconds> skew) {
  switch (error) {
    case TsigError::BADKEY:
      return context.server + " does not know " + key_text(context) +
             (context.algorithm.empty() ? "" : " with " + context.algorithm) +
             " (NOTAUTH, BADKEY): name and algorithm in our key file must equal a key statement of "
             "the primary; include that key file in its named.conf and run `rndc reconfig`";
    case TsigError::BADSIG:
      return context.server + " rejects the signature made with " + key_text(context) +
             " (NOTAUTH, BADSIG): the secret in our key file is not the primary's; copy the key "
             "file the primary's named.conf includes to this host";
    case TsigError::BADTIME:
      return clock_text(context, skew);
    case TsigError::BADTRUNC:
      return context.server + " wants longer signatures of " + key_text(context) +
             " (NOTAUTH, BADTRUNC): write its algorithm without a length, such as hmac-sha256, on "
             "both sides";
    case TsigError::NOERROR:
      break;
  }
  return context.server + " refuses our signature (NOTAUTH, " + to_string(error) + ")";
}

std::string refused_text(const DiagnosisContext& context) {
  if (context.reading) {
    return context.server + " refuses to answer for " + zone_text(context) +
           " (REFUSED): it does not serve the zone in the view that " + key_text(context) +
           " selects, or allow-query excludes us";
  }
  return context.server + " refuses the change of " + zone_text(context) + " (REFUSED): grant " +
         key_text(context) +
         " this name and type in the zone's update-policy; when it is granted, the zone is frozen "
         "(`rndc thaw`), check-names rejects the name, or an NS or MX would be left without an "
         "address";
}

std::string servfail_text(const DiagnosisContext& context) {
  if (context.reading) {
    return context.server + " cannot answer for " + zone_text(context) +
           " (SERVFAIL): the zone is not loaded; look for its name in named's log";
  }
  return context.server + " could not carry out the change of " + zone_text(context) +
         " (SERVFAIL): named cannot write the journal beside the zone file (folder not writable by "
         "its user, disk full), the zone is not loaded, signing keys are missing, or the RRset "
         "would pass max-records-per-type; named's log says which";
}

std::string conflict_text(const DiagnosisContext& context, Rcode rcode) {
  return "the records at " + context.server + " were not those we had read (" + to_string(rcode) +
         "): another writer changed them; nothing was written";
}

}  // namespace

std::string diagnose_reply(const DiagnosisContext& context, Rcode rcode,
                           std::optional<TsigError> tsig_error,
                           std::optional<std::chrono::seconds> skew) {
  if (tsig_error && *tsig_error != TsigError::NOERROR) {
    return tsig_text(context, *tsig_error, skew);
  }
  switch (rcode) {
    case Rcode::NOERROR:
      return {};
    case Rcode::REFUSED:
      return refused_text(context);
    case Rcode::SERVFAIL:
      return servfail_text(context);
    case Rcode::NXDOMAIN:
    case Rcode::YXDOMAIN:
    case Rcode::NXRRSET:
    case Rcode::YXRRSET:
      return conflict_text(context, rcode);
    case Rcode::NOTAUTH:
      return context.server + " is not the primary of " + zone_text(context) +
             " (NOTAUTH): check the zone's name, the server's address, and the view that " +
             key_text(context) + " selects";
    case Rcode::NOTZONE:
      return "a name lies outside " + zone_text(context) +
             " (NOTZONE): correct the zone or the name";
    case Rcode::FORMERR:
      return context.server + " finds our message malformed (FORMERR): please report it";
    case Rcode::NOTIMP:
      return context.server + " does not do dynamic updates (NOTIMP): is it the BIND primary?";
    case Rcode::BADVERS:
      break;
  }
  return context.server + " answered " + to_string(rcode);
}

std::string diagnose_refusal(const DiagnosisContext& context, bool takes_updates) {
  if (takes_updates) {
    return context.server + " refuses this change of " + zone_text(context) +
           " (REFUSED) but takes others: grant " + key_text(context) +
           " this name and type in the zone's update-policy; when it is granted, check-names "
           "rejects the name, or an NS or MX would be left without an address";
  }
  return context.server + " refuses every change of " + zone_text(context) +
         " (REFUSED): the zone is frozen (`rndc thaw " + context.zone +
         "`), has neither update-policy nor allow-update, or the server is a secondary that does "
         "not forward";
}

std::string diagnose_failure(const DiagnosisContext& context, const FailureEvidence& evidence) {
  constexpr std::size_t kUsualCap = 100;
  const std::string start =
      context.server + " could not carry out the change of " + zone_text(context) + " (SERVFAIL): ";
  if (!evidence.zone_is_served) {
    return start +
           "it does not answer for the zone either, so the zone is not loaded; look for "
           "its name in named's log (`journal out of sync`, an RRset over "
           "max-records-per-type)";
  }
  if (evidence.records > kUsualCap) {
    return start + "the RRset would have " + std::to_string(evidence.records) +
           " records and max-records-per-type allows 100 unless the primary's named.conf says "
           "otherwise; raise it there or publish fewer";
  }
  const std::string journal =
      "it cannot write the journal beside the zone file (folder not writable by named's user, "
      "disk full)";
  if (evidence.zone_is_signed.value_or(false)) {
    return start +
           "the zone is signed and its private keys (K*.private in key-directory) are "
           "missing or not readable by named's user, or " +
           journal + "; named's log says which";
  }
  return start + journal + ", or the RRset would pass max-records-per-type; named's log says which";
}

std::string diagnose_unauthenticated(const DiagnosisContext& context, std::optional<Rcode> rcode,
                                     std::optional<TsigError> tsig_error, const std::string& why) {
  if (rcode == Rcode::NOTAUTH &&
      (tsig_error == TsigError::BADKEY || tsig_error == TsigError::BADSIG)) {
    return tsig_text(context, *tsig_error, std::nullopt);
  }
  return "a reply from " + context.server + " is not to be trusted (" + why + "; it says " +
         rcode_text(rcode, tsig_error) + "): does the server know " + key_text(context) +
         ", and does something between us and it alter or answer DNS messages?";
}

std::string diagnose_fault(const DiagnosisContext& context, const net::Fault& fault) {
  if (fault.origin == net::Origin::ours) {
    return "this host cannot talk to " + context.server + " (" + fault.text +
           "): look at its routes, its source address and the limit of open files";
  }
  if (fault.error == ECONNREFUSED) {
    return "connection to " + context.server + " refused: is named running and listening there?";
  }
  if (fault.phase == net::Phase::connect) {
    return "no connection to " + context.server + " (" + fault.text +
           "): is the host up, and does a firewall let DNS over TCP through?";
  }
  return "the connection to " + context.server + " broke (" + fault.text +
         "): did named stop or restart?";
}

std::string diagnose_timeout(const DiagnosisContext& context, net::Duration limit) {
  return "no answer from " + context.server + " within " + net::format_duration(limit) +
         ": is named alive, and does a firewall let DNS through?";
}

std::string diagnose_close(const DiagnosisContext& context) {
  return context.server +
         " closed the connection without an answer: did named stop, or is its tcp-clients limit "
         "reached?";
}

}  // namespace ronda::dnsupdate
