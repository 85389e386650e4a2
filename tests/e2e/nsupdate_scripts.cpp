#include "tests/e2e/nsupdate_scripts.hpp"

namespace ronda::test {
namespace {

constexpr const char* kKeyFile = "-k $K/ronda.key";

using Scripts = std::vector<NsupdateScript>;

Scripts additions() {
  return {
      {"add", "$S|zone $Z|update add a1.$Z 60 A 192.0.2.9|show|send|answer"},
      {"add without update", "$S|zone $Z|add a2.$Z 60 AAAA 2001:db8::1|send"},
      {"an empty line sends", "$S|zone $Z|update add a3.$Z 60 A 192.0.2.9||"},
      {"final dots", "$S|zone $Z.|update add a4.$Z. 60 CNAME www.$Z.|send"},
      {"upper case", "$S|ZONE $Z|UPDATE ADD a5.$Z 60 IN a 192.0.2.9|SEND"},
      {"several of one set", "$S|zone $Z|add a6.$Z 60 A 192.0.2.1|add a6.$Z 60 A 192.0.2.2|send"},
      {"another TTL", "$S|zone $Z|update add www.$Z 90 A 192.0.2.3|send"},
      {"default TTL", "$S|zone $Z|ttl 77|update add a7.$Z A 192.0.2.9|send"},
      {"no TTL", "$S|zone $Z|update add a7.$Z A 192.0.2.9|send"},
      {"ttl none", "$S|zone $Z|ttl 77|ttl none|update add a7.$Z A 192.0.2.9|send"},
      {"TTL too large", "$S|zone $Z|update add a7.$Z 2147483648 A 192.0.2.9|send"},
      {"TTL out of range", "$S|zone $Z|update add a7.$Z 4294967296 A 192.0.2.9|send"},
      {"negative TTL", "$S|zone $Z|update add a7.$Z -1 A 192.0.2.9|send"},
      {"bad default TTL", "$S|ttl 2147483648"},
      {"mail", "$S|zone $Z|update add a8.$Z 60 MX 10 mail.$Z|send"},
      {"service", "$S|zone $Z|update add _http._tcp.a9.$Z 60 SRV 1 2 80 www.$Z|show|send"},
      {"pointer", "$S|zone $Z|update add b1.$Z 60 PTR www.$Z|send"},
      {"delegation", "$S|zone $Z|add sub.$Z 60 NS ns1.sub.$Z|add ns1.sub.$Z 60 A 192.0.2.1|send"},
      {"below a zone cut", "$S|zone $Z|update add x.sub.$Z 60 A 192.0.2.1|send"},
      {"quoted texts", R"($S|zone $Z|update add b2.$Z 60 TXT "a b" c "" "d\"e"|show|send)"},
      {"signs in a text", R"($S|zone $Z|update add b3.$Z 60 TXT a;b (c) d"e \065|show|send)"},
      {"a quote left open", R"($S|zone $Z|update add b3.$Z 60 TXT "a b|send)"},
      {"certificate authority", R"($S|zone $Z|add b4.$Z 60 CAA 0 issue "ca.example"|show|send)"},
      {"service binding", "$S|zone $Z|add b5.$Z 60 SVCB 1 svc.$Z port=8443|send", kKeyFile, false},
      {"https", "$S|zone $Z|add b6.$Z 60 HTTPS 1 . alpn=h2,h3 ipv4hint=192.0.2.1|send"},
      {"host information", R"($S|zone $Z|add b7.$Z 60 HINFO a "b c"|show|send)"},
      {"naming authority", R"($S|zone $Z|add b8.$Z 60 NAPTR 1 2 "u" "s" "!a!b!" .|show|send)"},
      {"delegation signer",
       "$S|zone $Z|add sub.$Z 60 DS 12345 13 1 00112233445566778899aabbccddeeff00112233|show|send"},
      {"fingerprint",
       "$S|zone $Z|add b9.$Z 60 SSHFP 4 1 00112233445566778899aabbccddeeff00112233|show|send"},
      {"tls association", "$S|zone $Z|add _443._tcp.$Z 60 TLSA 3 1 0 aabbcc|show|send"},
      {"uri", R"($S|zone $Z|add c1.$Z 60 URI 1 2 "http://x"|show|send)"},
      {"unknown type", R"($S|zone $Z|add c2.$Z 60 TYPE65280 \# 2 ABCD|send)"},
      {"escapes in a name", R"($S|zone $Z|add a\.b.$Z 60 TXT x|add a\032b.$Z 60 TXT y|show|send)"},
      {"signs in a name", R"($S|zone $Z|add a(b;c.$Z 60 TXT x|show|send)"},
      {"wildcard", "$S|zone $Z|update add *.w.$Z 60 A 192.0.2.9|send"},
      {"bad address", "$S|zone $Z|update add c3.$Z 60 A 192.0.2|send"},
      {"bad IPv6 address", "$S|zone $Z|update add c3.$Z 60 AAAA ::g|send"},
      {"too much data", "$S|zone $Z|update add c3.$Z 60 A 192.0.2.1 x|send"},
      {"no data", "$S|zone $Z|update add c3.$Z 60 A|send"},
      {"no type", "$S|zone $Z|update add c3.$Z 60|send"},
      {"no TTL at all", "$S|zone $Z|update add c3.$Z|send"},
      {"no owner", "$S|zone $Z|update add|send"},
      {"no operation", "$S|zone $Z|update|send"},
      {"unknown operation", "$S|zone $Z|update change x|send"},
      {"unknown type word", "$S|zone $Z|update add c3.$Z 60 FOO x|send"},
      {"empty label", "$S|zone $Z|update add c3..$Z 60 A 192.0.2.1|send"},
      {"not a host name", "$S|zone $Z|update add a_b.$Z 60 A 192.0.2.1|send"},
      {"not a host name in data", "$S|zone $Z|update add c3.$Z 60 MX 10 a_b.$Z|send"},
      {"check-names off", "$S|zone $Z|check-names off|update add c4.$Z 60 MX 10 a_b.$Z|send"},
      {"CNAME beside other data", "$S|zone $Z|update add www.$Z 60 CNAME a.$Z|send"},
      {"other data beside CNAME", "$S|zone $Z|update add alias.$Z 60 A 192.0.2.1|send"},
  };
}

Scripts deletions() {
  return {
      {"delete a record", "$S|zone $Z|update delete d1.$Z A 192.0.2.1|show|send"},
      {"delete with TTL and class", "$S|zone $Z|update delete d2.$Z 60 IN A 192.0.2.1|show|send"},
      {"delete a set", "$S|zone $Z|update delete d3.$Z A|show|send"},
      {"delete a name", "$S|zone $Z|update delete d4.$Z|show|send"},
      {"delete ANY", "$S|zone $Z|update delete d5.$Z ANY|show|send"},
      {"delete of class NONE", "$S|zone $Z|update delete d6.$Z NONE A|show|send"},
      {"delete of class ANY with type", "$S|zone $Z|update delete d6.$Z ANY A|send"},
      {"delete with class only", "$S|zone $Z|del d7.$Z IN|show|send"},
      {"delete what is not there", "$S|zone $Z|update delete nothing.$Z|send"},
      {"replace", "$S|zone $Z|update delete d8.$Z A|update add d8.$Z 60 A 192.0.2.8|send"},
      {"delete text", R"($S|zone $Z|update delete text.$Z TXT "a b" c|show|send)"},
      {"delete a delegation", "$S|zone $Z|update delete sub.$Z|update delete ns1.sub.$Z|send"},
      {"delete the SOA", "$S|zone $Z|update delete $Z SOA|send"},
      {"delete the last NS", "$S|zone $Z|update delete $Z NS ns.$Z|send"},
  };
}

Scripts prerequisites() {
  return {
      {"name not there", "$S|zone $Z|prereq nxdomain p1.$Z|add p1.$Z 60 A 192.0.2.1|show|send"},
      {"name there", "$S|zone $Z|prereq nxdomain www.$Z|add p2.$Z 60 A 192.0.2.1|send|answer"},
      {"name wanted", "$S|zone $Z|prereq yxdomain www.$Z|add p2.$Z 60 A 192.0.2.1|show|send"},
      {"name missing", "$S|zone $Z|prereq yxdomain no.$Z|add p3.$Z 60 A 192.0.2.1|send"},
      {"set not there", "$S|zone $Z|prereq nxrrset www.$Z AAAA|add p3.$Z 60 A 192.0.2.1|show|send"},
      {"set there", "$S|zone $Z|prereq nxrrset www.$Z IN A|add p4.$Z 60 A 192.0.2.1|send"},
      {"set wanted", "$S|zone $Z|prereq yxrrset www.$Z A|add p4.$Z 60 A 192.0.2.1|show|send"},
      {"set missing", "$S|zone $Z|prereq yxrrset www.$Z AAAA|add p5.$Z 60 A 192.0.2.1|send"},
      {"set with values",
       "$S|zone $Z|yxrrset two.$Z A 192.0.2.1|yxrrset two.$Z IN A 192.0.2.2|add p5.$Z 60 A "
       "192.0.2.1|show|send"},
      {"set with other values",
       "$S|zone $Z|prereq yxrrset two.$Z A 192.0.2.1|add p6.$Z 60 A 192.0.2.1|send"},
      {"bare prerequisites", "$S|zone $Z|nxdomain p6.$Z|yxdomain www.$Z|nxrrset www.$Z TXT|send"},
      {"several, one does not hold",
       "$S|zone $Z|nxdomain p6.$Z|yxdomain no.$Z|add p6.$Z 60 A 192.0.2.1|send"},
      {"prerequisite outside the zone", "$S|zone $Z|prereq yxdomain www.example.net|send"},
      {"no prerequisite word", "$S|zone $Z|prereq|send"},
      {"unknown prerequisite", "$S|zone $Z|prereq yxname www.$Z|send"},
      {"prerequisite without type", "$S|zone $Z|prereq nxrrset www.$Z|send"},
      {"prerequisite of class only", "$S|zone $Z|prereq nxrrset www.$Z IN|send"},
      {"prerequisite of unknown type", "$S|zone $Z|prereq nxrrset www.$Z FOO|send"},
      {"prerequisite without name", "$S|zone $Z|prereq nxdomain|send"},
  };
}

Scripts classes() {
  return {
      {"class IN", "$S|zone $Z|class IN|update add q1.$Z 60 A 192.0.2.1|send"},
      {"class CH", "$S|zone $Z|class CH|update add q1.$Z 60 TXT x|show|send"},
      {"class of a record", "$S|zone $Z|update add q1.$Z 60 CH TXT x|send"},
      {"two classes", "$S|zone $Z|add q1.$Z 60 IN A 192.0.2.1|add q1.$Z 60 CH TXT x|send"},
      {"class ANY as default", "$S|class ANY"},
      {"class NONE as default", "$S|class NONE"},
      {"class unknown", "$S|class FOO"},
      {"class left out", "$S|class"},
      {"add to class NONE", "$S|zone $Z|update add q1.$Z 60 NONE A 192.0.2.1|send"},
      {"add to class ANY", "$S|zone $Z|update add q1.$Z 60 ANY A 192.0.2.1|send"},
      {"add of meta type", "$S|zone $Z|update add q1.$Z 60 OPT x|send"},
      {"class by number", "$S|zone $Z|update add q2.$Z 60 CLASS1 A 192.0.2.1|show|send"},
  };
}

Scripts flow() {
  return {
      {"quit without send", "$S|zone $Z|update add r1.$Z 60 A 192.0.2.1|quit|send"},
      {"end without send", "$S|zone $Z|update add r1.$Z 60 A 192.0.2.1"},
      {"several sends",
       "$S|zone $Z|add r2.$Z 60 A 192.0.2.1|send|add r3.$Z 60 A 192.0.2.1|send||send|del r2.$Z|"
       "send"},
      {"goes on after a failed update",
       "$S|zone $Z|nxdomain www.$Z|send|add r4.$Z 60 A 192.0.2.1|send|answer"},
      {"a prerequisite counts once",
       "$S|zone $Z|nxdomain www.$Z|send|add r5.$Z 60 A 192.0.2.1|show|send"},
      {"a bad line after a good send",
       "$S|zone $Z|add r6.$Z 60 A 192.0.2.1|send|bogus|add r7.$Z 60 A 192.0.2.1|send"},
      {"a bad line before the send", "$S|zone $Z|add r8.$Z 60 A 192.0.2.1|bogus|send"},
      {"unknown word", "$S|bogus"},
      {"comments", "; one|  ;two|$S|zone $Z|;x|add r9.$Z 60 A 192.0.2.1|send"},
      {"hash is no comment", "# x|$S"},
      {"nothing to send", "send"},
      {"nothing at all", ""},
      {"an empty message", "$S|zone $Z|send|answer"},
      {"no answer yet", "answer"},
      {"show of nothing", "$S|zone $Z|show"},
      {"help", "help", kKeyFile, false},
      {"version", "version", kKeyFile, false},
      {"debug", "$S|zone $Z|debug|add s1.$Z 60 A 192.0.2.1|send", kKeyFile, false},
      {"realm alone", "realm|realm X"},
      {"check-names without word", "check-names"},
      {"check-names of another word", "check-names maybe"},
      {"-v", "$S|zone $Z|add s2.$Z 60 A 192.0.2.1|send", "-v -k $K/ronda.key"},
      {"-t -u -r -L", "$S|zone $Z|add s3.$Z 60 A 192.0.2.1|send",
       "-t 10 -u 3 -r 2 -L 0 -k $K/ronda.key"},
      {"-4", "$S|zone $Z|add s4.$Z 60 A 192.0.2.1|send", "-4k $K/ronda.key"},
      {"-i goes on after an error", "$S|zone $Z|bogus|add s5.$Z 60 A 192.0.2.1|send",
       "-i -k $K/ronda.key", false},
      {"-k and -y", "", "-k $K/ronda.key -y k:c2VjcmV0"},
      {"unknown option", "", "-z"},
      {"-4 and -6", "", "-4 -6"},
      {"bad port", "", "-p x"},
      {"bad timeout", "", "-t x"},
      {"file that is not there", "", "$K/no-such-file"},
  };
}

Scripts servers_and_keys() {
  return {
      {"zone found", "$S|update add t1.$Z 60 A 192.0.2.1|send"},
      {"zone found from a deletion", "$S|update delete t1.$Z A|send"},
      {"zone found from a prerequisite", "$S|prereq yxdomain www.$Z|send"},
      {"zone found deep below", "$S|update add a.b.c.t2.$Z 60 A 192.0.2.1|send"},
      {"zone found behind an alias", "$S|update delete alias2.$Z|send"},
      {"zone not there", "$S|zone no.example|update add a.no.example 60 A 192.0.2.1|send"},
      {"zone not found", "$S|update add a.no.example 60 A 192.0.2.1|send"},
      {"name outside the zone", "$S|zone $Z|update add a.example.net 60 A 192.0.2.1|send"},
      {"forbidden", "$S|zone $Z|update add forbidden.$Z 60 A 192.0.2.1|send|answer"},
      {"forbidden beside allowed",
       "$S|zone $Z|add u1.$Z 60 A 192.0.2.1|add forbidden.$Z 60 A 192.0.2.1|send"},
      {"key in the script", "$S|zone $Z|key hmac-sha256:ronda $O|add u2.$Z 60 A 192.0.2.1|send",
       ""},
      {"key overrides -k",
       "$S|zone $Z|key hmac-sha256:other c2VjcmV0|add u3.$Z 60 A 192.0.2.1|send"},
      {"-y", "$S|zone $Z|add u4.$Z 60 A 192.0.2.1|send", "-y hmac-sha256:ronda:$O"},
      {"-y of unknown key", "$S|zone $Z|add u5.$Z 60 A 192.0.2.1|send",
       "-y hmac-sha256:no:c2VjcmV0"},
      {"-y of wrong secret", "$S|zone $Z|add u5.$Z 60 A 192.0.2.1|send",
       "-y hmac-sha256:ronda:c2VjcmV0"},
      {"-y of another algorithm", "$S|zone $Z|add u5.$Z 60 A 192.0.2.1|send", "-y ronda:$O"},
      {"-y with zone found", "$S|add u5.$Z 60 A 192.0.2.1|send", "-y hmac-sha256:ronda:c2VjcmV0"},
      {"-y without secret", "$S", "-y ronda"},
      {"-y of unknown kind", "$S", "-y hmac-x:ronda:c2VjcmV0"},
      {"key without secret", "key ronda"},
      {"key of unknown kind", "key hmac-x:ronda c2VjcmV0"},
      {"key that is not Base64", "key ronda a"},
      {"no key", "$S|zone $Z|update add u6.$Z 60 A 192.0.2.1|send", ""},
      {"no key where none is needed", "$S|zone open.example|update add a 60 A 192.0.2.1|send", ""},
      {"-l", "zone $Z|update add u7.$Z 60 A 192.0.2.1|send", "-4l -p $P -k $K/session.key"},
      {"-l with zone found", "update add u8.$Z 60 A 192.0.2.1|send", "-4l -p $P -k $K/session.key"},
      {"-l and server", "$S", "-4l -p $P -k $K/session.key"},
      {"-p", "server 127.0.0.1|zone $Z|add u9.$Z 60 A 192.0.2.1|send", "-p $P -k $K/ronda.key"},
      {"local", "$S|local 127.0.0.1|zone $Z|add v1.$Z 60 A 192.0.2.1|send"},
      {"nobody listens", "server 127.0.0.1 1|zone $Z|add v2.$Z 60 A 192.0.2.1|send"},
      {"nobody listens, zone wanted", "server 127.0.0.1 1|add v2.$Z 60 A 192.0.2.1|send"},
      {"no server name", "server"},
      {"port is a word", "server 127.0.0.1 x"},
      {"port is zero", "server 127.0.0.1 0"},
      {"local is no address", "local x"},
      {"no local", "local"},
      {"no zone name", "zone"},
      {"zone is no name", "zone a..b"},
  };
}

}  // namespace

std::vector<NsupdateScript> nsupdate_scripts() {
  Scripts all;
  for (const Scripts& some :
       {additions(), deletions(), prerequisites(), classes(), flow(), servers_and_keys()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

}  // namespace ronda::test
