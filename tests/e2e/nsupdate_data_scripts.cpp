// The second half of the scripts: record data in every form, names at their limits, TTLs, keys of
// every algorithm, lines as editors and other systems leave them.
#include <array>

#include "tests/e2e/nsupdate_scripts.hpp"

namespace ronda::test {
namespace {

using Scripts = std::vector<NsupdateScript>;

std::string label(std::size_t length) {
  return std::string(length, 'x');
}

// $Z has 14 octets as a name; with these labels the whole has `last` and 207 more.
std::string long_name(std::size_t last) {
  return label(63) + "." + label(63) + "." + label(63) + "." + label(last) + ".$Z";
}

NsupdateScript add(const std::string& data) {
  return {"add " + data, "$S|zone $Z|add e1.$Z 60 " + data + "|show|send"};
}

// Sent and stored alike; how the parameters are shown is between the versions of BIND.
NsupdateScript add_unshown(const std::string& data) {
  return {"add " + data, "$S|zone $Z|add e1.$Z 60 " + data + "|send"};
}

constexpr auto kShown = std::to_array<const char*>({
    "A 192.0.2.255",
    "A 192.0.2.256",
    "A 192.0.2.1.5",
    "A 3221225985",
    "A 0xc0.0.2.1",
    "A ::1",
    "A \"192.0.2.1\"",
    R"(A \# 4 C0000206)",
    R"(A \# 3 C00002)",
    R"(TYPE1 \# 4 C0000207)",
    "TYPE1 192.0.2.7",
    "AAAA 2001:DB8::00ff",
    "AAAA ::ffff:192.0.2.1",
    "AAAA 192.0.2.1",
    "AAAA 2001:db8:0:0:0:0:0:0:1",
    "AAAA fe80::1%lo",
    "MX 0 .",
    "MX 65535 mail.$Z.",
    "MX 65536 mail.$Z",
    "MX -1 mail.$Z",
    "MX mail.$Z 10",
    "MX 10",
    "MX 10 mail",
    "MX 10 192.0.2.1",
    "MX 10 MAIL.$Z",
    "SRV 0 0 0 .",
    "SRV 1 2 65536 www.$Z",
    "SRV 1 2 www.$Z",
    "SRV 65535 65535 65535 www.$Z",
    "NS ns.elsewhere.example.",
    "PTR _odd.$Z",
    "PTR @",
    "DNAME other.example.",
    "TXT",
    "TXT \"\"",
    "TXT \"\" \"\"",
    R"(TXT "\\" \\ "\"" \")",
    R"(TXT \000\255 "\127")",
    R"(TXT \256)",
    R"(TXT \25)",
    R"(TXT "a\)",
    "TXT \"v=spf1 ip4:192.0.2.0/24 -all\"",
    "TXT \"a\"b",
    "TXT a\"b\"",
    "TXT \"a;b\" ;c",
    "TXT ( a b )",
    "TXT \xc3\xa9",
    "TXT @",
    R"(TXT \# 2 0161)",
    R"(TXT \# 2 0561)",
    "CAA 0 issue \"ca.example; policy=ev\"",
    "CAA 128 issuewild \";\"",
    "CAA 256 issue \"x\"",
    "CAA 0 iodef mailto:x@$Z",
    "CAA 0 is-sue \"x\"",
    "CAA 0 issue",
    "CAA 0 TBS \"\"",
    R"(DS \# 5 00010D0200)",
    R"(DS \# 24 00010D0100112233445566778899AABBCCDDEEFF00112233)",
    R"(NAPTR \# 1 00)",
    R"(NAPTR \# 0)",
    R"(DHCID \# 0)",
    R"(DNSKEY \# 3 010003)",
    R"(TYPE65280 \# 0)",
    R"(TYPE65280 \# 3 ABCD)",
    R"(TYPE65280 \# 2 AB CD)",
    R"(TYPE65280 \# 2 ABC)",
    "TYPE65280 ABCD",
    R"(TYPE123 \# 4 0A000001)",
    R"(TYPE65536 \# 0)",
    R"(TYPE \# 0)",
    R"(type65280 \# 1 00)",
    R"(CLASS1 TYPE1 \# 4 0A000001)",
    "HINFO \"a b\" c d",
    "RP who.$Z .",
    "AFSDB 1 www.$Z",
    "MD host.example.",
    "DS 12345 13 2 00",
    "IXFR x",
    "NSEC3PARAM 1 0 0 -",
    "CDS 0 0 0 00",
    "DNSKEY 256 3 13 AAAA",
    "TLSA 3 1 1 zz",
    "SSHFP 4 2 00",
    "OPENPGPKEY AAAA BBBB",
    "DHCID AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=",
    "ANY x",
    "AXFR x",
    "TSIG x",
});

constexpr auto kUnshown = std::to_array<const char*>({
    "SVCB 0 svc.$Z",
    "SVCB 1 . alpn=h2 port=443 ipv4hint=192.0.2.1,192.0.2.2 ipv6hint=2001:db8::1",
    "SVCB 1 . port=443 alpn=h2",
    "SVCB 1 . alpn=\"h2,h3\"",
    R"(SVCB 1 . alpn="f\\\\oo\\,bar,h2")",
    "SVCB 1 . mandatory=alpn,port alpn=h2 port=53",
    "SVCB 1 . mandatory=port alpn=h2",
    "SVCB 1 . mandatory=mandatory",
    "SVCB 1 . alpn=h2 alpn=h3",
    "SVCB 1 . no-default-alpn",
    "SVCB 1 . alpn=h2 no-default-alpn",
    "SVCB 1 . no-default-alpn=x alpn=h2",
    "SVCB 1 . port=65536",
    "SVCB 1 . port",
    "SVCB 1 . ipv4hint=::1",
    "SVCB 1 . ech=AAAA",
    "SVCB 1 . key65280=\"a b\"",
    "SVCB 1 . key7=/dns-query{?dns}",
    "SVCB 1 . unheard=of",
    "SVCB 65536 .",
    "SVCB 1",
    "HTTPS 0 www.$Z",
    "HTTPS 1 www.$Z alpn=h2 ech=",
    R"(HTTPS \# 3 000100)",
});

Scripts data() {
  Scripts all;
  for (const char* shown : kShown) {
    all.push_back(add(shown));
  }
  for (const char* unshown : kUnshown) {
    all.push_back(add_unshown(unshown));
  }
  const std::string digest = "00112233445566778899AABBCCDDEEFF";
  const std::string key =
      "oLpb/4C4gtTh5TX3nj+u+3PII9rdiXi0Dd6baD+RNuR2MIqQcamYMXW3gmdvl0oYjomDhfHs7UxJO4akKL0l4w==";
  all.push_back(add("ZONEMD 1 1 1 " + digest + digest + digest));
  all.push_back(add("ZONEMD 1 1 1 " + digest + digest));
  all.push_back(add("TLSA 3 1 2 " + digest + digest + digest + digest));
  all.push_back(add("SSHFP 4 2 " + digest + digest));
  all.push_back(add("TYPE65280 \\# 64 " + digest + digest + digest + digest));
  all.push_back(add("DNSKEY 256 3 13 " + key));
  all.push_back(add("OPENPGPKEY " + key));
  all.push_back({"one string of 255 octets",
                 "$S|zone $Z|add e2.$Z 60 TXT " + std::string(255, 'a') + "|show|send"});
  all.push_back({"one string of 256 octets",
                 "$S|zone $Z|add e2.$Z 60 TXT " + std::string(256, 'a') + "|send"});
  all.push_back({"three strings of 255 octets",
                 "$S|zone $Z|add e3.$Z 60 TXT \"" + std::string(255, 'a') + "\" \"" +
                     std::string(255, 'b') + "\" " + std::string(255, 'c') + "|show|send"});
  return all;
}

Scripts names() {
  return {
      {"label of 63", "$S|zone $Z|add " + label(63) + ".$Z 60 A 192.0.2.1|send"},
      {"label of 64", "$S|zone $Z|add " + label(64) + ".$Z 60 A 192.0.2.1|send"},
      {"name of 255 octets", "$S|zone $Z|add " + long_name(48) + " 60 A 192.0.2.1|show|send"},
      {"name of 256 octets", "$S|zone $Z|add " + long_name(49) + " 60 A 192.0.2.1|send"},
      {"target of 255 octets", "$S|zone $Z|add f1.$Z 60 CNAME " + long_name(48) + "|send"},
      {"target of 256 octets", "$S|zone $Z|add f2.$Z 60 CNAME " + long_name(49) + "|send"},
      {"mixed case is kept", "$S|zone $Z|add MiXeD.$Z 60 MX 5 MaIl.$Z|show|send"},
      {"case of a name that is there", "$S|zone $Z|add WWW.$Z 60 TXT y|send"},
      {"relative owner", "$S|zone $Z|add f4 60 A 192.0.2.1|send"},
      {"@ as owner", "$S|zone $Z|add @ 60 A 192.0.2.1|send"},
      {"apex", "$S|zone $Z|add $Z 60 TXT apex|show|send"},
      {"apex NS", "$S|zone $Z|add $Z 60 NS ns2.elsewhere.example|send"},
      {"apex CNAME", "$S|zone $Z|add $Z 60 CNAME www.$Z|send"},
      {"older SOA", "$S|zone $Z|add $Z 60 SOA ns.$Z root.$Z 1 3600 600 86400 60|show|send"},
      {"newer SOA", "$S|zone $Z|add $Z 60 SOA ns.$Z root.$Z 5000 1h 10m 1d 60|show|send"},
      {"root as owner", "$S|zone $Z|add . 60 A 192.0.2.1|send"},
      {"two dots", "$S|zone $Z|add .. 60 A 192.0.2.1|send"},
      {"leading dot", "$S|zone $Z|add .f5.$Z 60 A 192.0.2.1|send"},
      {"IDN as A-label", "$S|zone $Z|add xn--bcher-kva.$Z 60 A 192.0.2.1|show|send"},
      {"decimal escape", R"($S|zone $Z|add \102\055x.$Z 60 TXT x|show|send)"},
      {"bad escape", R"($S|zone $Z|add \999.$Z 60 TXT x|send)"},
      {"escaped dollar and at", R"($S|zone $Z|add \$\@x.$Z 60 TXT x|show|send)"},
      {"underscore service", "$S|zone $Z|add _sip._udp.$Z 60 SRV 0 5 5060 www.$Z|send"},
      {"underscore host of SRV", "$S|zone $Z|add _sip._udp.$Z 60 SRV 0 5 5060 _x.$Z|send"},
      {"hyphen at the start", "$S|zone $Z|add -f6.$Z 60 A 192.0.2.1|send"},
      {"delete ignores check-names", "$S|zone $Z|delete _f7.$Z A 192.0.2.1|send"},
  };
}

Scripts ttls() {
  Scripts all;
  for (const char* ttl : {"0", "1", "60s", "1m", "1H30M", "1h30m", "1w2d3h4m5s", "2147483647",
                          "007", "+60", "1x", "1h30", "h", "1 h", "0x10", "60.", "1e3"}) {
    all.push_back({std::string("TTL ") + ttl,
                   std::string("$S|zone $Z|add h1.$Z ") + ttl + " A 192.0.2.1|send"});
    all.push_back({std::string("ttl ") + ttl,
                   std::string("$S|zone $Z|ttl ") + ttl + "|add h2.$Z A 192.0.2.1|show|send"});
  }
  all.push_back(
      {"a name that looks like a TTL", "$S|zone $Z|ttl 50|add h3.$Z 1h A 192.0.2.1|send"});
  all.push_back({"ttl without number", "$S|ttl"});
  all.push_back({"ttl and class", "$S|zone $Z|ttl 50|add h4.$Z IN A 192.0.2.1|show|send"});
  return all;
}

Scripts more_deletions() {
  return {
      {"prepare",
       "$S|zone $Z|add i1.$Z 60 MX 10 Mail.$Z|add i1.$Z 60 TXT \"A b\"|add i2.$Z 60 "
       "CNAME Www.$Z|add i3.$Z 60 A 192.0.2.1|add i3.$Z 60 AAAA ::1|add i3.$Z 60 TXT "
       R"(x|add i4.$Z 60 TYPE65280 \# 2 ABCD|add i5.$Z 60 CAA 0 issue "x"|add i6.$Z 60 )"
       "SRV 1 2 3 www.$Z|add i7.$Z 60 HTTPS 1 . alpn=h2|add i8.$Z 60 PTR www.$Z|send"},
      {"data in another case", "$S|zone $Z|delete i1.$Z MX 10 MAIL.$Z|show|send"},
      {"text in another case", "$S|zone $Z|delete i1.$Z TXT \"a B\"|send"},
      {"text as it is", "$S|zone $Z|delete i1.$Z TXT \"A b\"|send"},
      {"alias by data", "$S|zone $Z|delete I2.$Z CNAME www.$Z.|send"},
      {"type by number", "$S|zone $Z|delete i3.$Z TYPE28|show|send"},
      {"class and number", "$S|zone $Z|delete i3.$Z CLASS1 TYPE1|show|send"},
      {"class IN and ANY", "$S|zone $Z|delete i3.$Z IN ANY|show|send"},
      {"unknown type by data", R"($S|zone $Z|delete i4.$Z TYPE65280 \# 2 abcd|show|send)"},
      {"authority by data", R"($S|zone $Z|delete i5.$Z CAA 0 issue x|show|send)"},
      {"service by data", "$S|zone $Z|delete i6.$Z 0 IN SRV 1 2 3 WWW.$Z|show|send"},
      {"https by data", "$S|zone $Z|delete i7.$Z HTTPS 1 . alpn=h2|send"},
      {"pointer by number", R"($S|zone $Z|delete i8.$Z TYPE12|show|send)"},
      {"ANY ANY", "$S|zone $Z|delete i3.$Z ANY ANY|send"},
      {"ANY with data", "$S|zone $Z|delete i3.$Z ANY x|send"},
      {"NONE with data", "$S|zone $Z|delete i3.$Z NONE A 192.0.2.1|send"},
      {"bad data", "$S|zone $Z|delete i3.$Z A 192.0.2|send"},
      {"bad TTL", "$S|zone $Z|delete i3.$Z -1 A|send"},
      {"meta type", "$S|zone $Z|delete i3.$Z TSIG|send"},
      {"type OPT", "$S|zone $Z|delete i3.$Z OPT|send"},
      {"type RRSIG", "$S|zone $Z|delete i3.$Z RRSIG|send"},
      {"unknown type word", "$S|zone $Z|delete i3.$Z FOO|send"},
      {"type without text of its own", "$S|zone $Z|delete i3.$Z LOC|show|send"},
      {"no name", "$S|zone $Z|delete|send"},
      {"bad name", "$S|zone $Z|delete a..b|send"},
      {"outside the zone", "$S|zone $Z|delete www.example.net A|send"},
      {"the apex", "$S|zone $Z|delete $Z|send"},
      {"delete and add of the same",
       "$S|zone $Z|del www.$Z A 192.0.2.1|add www.$Z 60 A 192.0.2.1|send"},
      {"add and delete of the same", "$S|zone $Z|add i9.$Z 60 A 192.0.2.1|del i9.$Z A|show|send"},
      {"twice the same", "$S|zone $Z|add i9.$Z 60 A 192.0.2.1|add i9.$Z 60 A 192.0.2.1|send"},
      {"same data, another TTL", "$S|zone $Z|add i9.$Z 99 A 192.0.2.1|send"},
      {"alias replaced", "$S|zone $Z|add alias.$Z 60 CNAME two.$Z|send"},
  };
}

Scripts more_prerequisites() {
  return {
      {"text that is there",
       R"($S|zone $Z|yxrrset text.$Z TXT "a b" c|yxrrset text.$Z TXT d|send)"},
      {"text in another case",
       R"($S|zone $Z|yxrrset text.$Z TXT "A b" c|yxrrset text.$Z TXT d|send)"},
      {"one of two texts", R"($S|zone $Z|prereq yxrrset text.$Z TXT d|show|send)"},
      {"name in another case", "$S|zone $Z|prereq yxrrset WWW.$Z A|show|send"},
      {"alias that is there", "$S|zone $Z|prereq yxrrset alias.$Z CNAME WWW.$Z|send"},
      {"ANY that is there", "$S|zone $Z|prereq yxrrset www.$Z ANY|send"},
      {"ANY that is not there", "$S|zone $Z|prereq nxrrset www.$Z ANY|send"},
      {"class ANY", "$S|zone $Z|prereq yxrrset www.$Z ANY A|send"},
      {"class NONE", "$S|zone $Z|prereq nxrrset www.$Z NONE A|send"},
      {"class CH", "$S|zone $Z|prereq yxrrset www.$Z CH A|send"},
      {"with a TTL", "$S|zone $Z|prereq yxrrset www.$Z 60 A|send"},
      {"by number", "$S|zone $Z|prereq yxrrset www.$Z CLASS1 TYPE1|show|send"},
      {"by number, false", "$S|zone $Z|prereq nxrrset www.$Z TYPE1|send"},
      {"opaque data", R"($S|zone $Z|prereq yxrrset two.$Z A \# 4 C0000201|show|send)"},
      {"bad data", "$S|zone $Z|prereq yxrrset www.$Z A x|send"},
      {"data behind nxrrset", "$S|zone $Z|prereq nxrrset www.$Z AAAA ::1|show|send"},
      {"data behind nxdomain", "$S|zone $Z|prereq nxdomain no.$Z A 192.0.2.1|show|send"},
      {"the apex is there", "$S|zone $Z|prereq yxdomain $Z|send"},
      {"the apex is not there", "$S|zone $Z|prereq nxdomain $Z|send"},
      {"an empty non-terminal is not there", "$S|zone $Z|nxdomain _tcp.a9.$Z|send"},
      {"check-names means additions only", "$S|zone $Z|prereq yxrrset _x_y.$Z A 192.0.2.1|send"},
      {"SOA by data",
       "$S|zone $Z|prereq yxrrset $Z SOA a. b. 1 2 3 4 5|add j1.$Z 60 A 192.0.2.1|send"},
      {"false, then the same without it",
       "$S|zone $Z|nxdomain www.$Z|add j2.$Z 60 A 192.0.2.1|send|add j2.$Z 60 A 192.0.2.2|send"},
  };
}

Scripts lines() {
  return {
      {"blanks and tabs", "  $S|\tzone\t$Z|   update\tadd  k1.$Z\t60   A\t192.0.2.1  |  send  "},
      {"lines of another system", "$S\r|zone $Z\r|add k2.$Z 60 A 192.0.2.1\r|send\r|\r"},
      {"blank line of blanks", "$S|zone $Z|add k3.$Z 60 A 192.0.2.1|   \t"},
      {"comment behind blanks", "$S|zone $Z|  \t; x|add k4.$Z 60 A 192.0.2.1|send"},
      {"comment behind a word", "$S|zone $Z ; x|add k5.$Z 60 A 192.0.2.1|send ; now"},
      {"comment behind data", "$S|zone $Z|add k6.$Z 60 A 192.0.2.1 ; x|send"},
      {"comment behind text", "$S|zone $Z|add k6.$Z 60 TXT a ; x|show|send"},
      {"words behind words", "$S x|zone $Z x|class IN x|ttl 60 x|show x|send x|answer x|quit x"},
      {"abbreviated words", "$S|zone $Z|upd add k7.$Z 60 A 192.0.2.1|send"},
      {"abbreviated add", "$S|zone $Z|update a k7.$Z 60 A 192.0.2.1|send"},
      {"no line's end", "$S|zone $Z|update add k8.$Z 60 A 192.0.2.1|send"},
      {"quit after a failure", "$S|zone $Z|nxdomain www.$Z|send|quit"},
      {"error after a failure", "$S|zone $Z|nxdomain www.$Z|send|bogus"},
      {"show after send", "$S|zone $Z|add k9.$Z 60 A 192.0.2.1|send|show"},
      {"answer after a failure", "$S|zone $Z|nxdomain www.$Z|send|answer|answer"},
      {"another zone behind a send",
       "$S|zone $Z|add l1.$Z 60 A 192.0.2.1|send|zone no.example|add a.no.example 60 A "
       "192.0.2.1|send"},
      {"another key behind a send",
       "$S|zone $Z|add l2.$Z 60 A 192.0.2.1|send|key hmac-sha256:no c2VjcmV0|add l3.$Z 60 A "
       "192.0.2.1|send"},
      {"zone of the root", "$S|zone .|add l4.$Z 60 A 192.0.2.1|send"},
      {"zone below the zone", "$S|zone www.$Z|add www.$Z 60 A 192.0.2.9|send"},
      {"zone above the zone", "$S|zone example|add l5.$Z 60 A 192.0.2.9|send"},
      {"local with port", "$S|local 127.0.0.1 0"},
      {"server with port out of range", "server 127.0.0.1 65536"},
      {"check-names on again",
       "$S|zone $Z|check-names no|check-names yes|add a_b.$Z 60 A 192.0.2.1"},
      {"check-names as numbers", "check-names 1"},
      {"script in a file", "", "-k $K/ronda.key $K/$Z.script"},
      {"script in a file beside stdin", "bogus", "-k $K/ronda.key $K/$Z.script"},
      {"words behind the file", "", "-k $K/ronda.key $K/$Z.script -z x"},
  };
}

Scripts keys() {
  Scripts all;
  for (const char* name :
       {"hmac-md5", "hmac-sha1", "hmac-sha224", "hmac-sha256", "hmac-sha384", "hmac-sha512"}) {
    const std::string key = name;
    all.push_back({"-y " + key, "$S|zone $Z|add m-" + key + ".$Z 60 A 192.0.2.1|send",
                   "-y " + key + ":k-" + key + ":$X"});
    all.push_back(
        {"key " + key,
         "$S|zone $Z|key " + key + ":k-" + key + " $X|add n-" + key + ".$Z 60 A 192.0.2.1|send",
         ""});
    all.push_back({"-k of " + key, "$S|zone $Z|add o-" + key + ".$Z 60 A 192.0.2.1|send",
                   "-k $K/k-" + key + ".key"});
  }
  const Scripts more{
      {"upper case algorithm", "$S|zone $Z|add q1.$Z 60 A 192.0.2.1|send",
       "-y HMAC-SHA256:ronda:$O"},
      {"upper case key", "$S|zone $Z|add q3.$Z 60 A 192.0.2.1|send", "-y hmac-sha256:RONDA.:$O"},
      {"no algorithm is hmac-md5", "$S|zone $Z|add q4.$Z 60 A 192.0.2.1|send", "-y k-hmac-md5:$X"},
      {"empty -y", "", "-y :"},
      {"-y with an empty name", "", "-y hmac-sha256::$O"},
      {"-k twice", "$S|zone $Z|add q6.$Z 60 A 192.0.2.1|send", "-k $K/no.key -k $K/ronda.key"},
      {"-r 0 -u 0 -t 1", "$S|zone $Z|add q7.$Z 60 A 192.0.2.1|send",
       "-r 0 -u 0 -t 1 -k $K/ronda.key"},
      {"-t 0", "$S|zone $Z|add q8.$Z 60 A 192.0.2.1|send", "-t 0 -k $K/ronda.key"},
      {"-v -l", "zone $Z|add q9.$Z 60 A 192.0.2.1|send", "-4vl -p $P -k $K/session.key"},
      {"-L x", "", "-L x"},
      {"-r x", "", "-r x"},
      {"-u x", "", "-u x"},
      {"-R x", "", "-R x"},
      {"-k without file", "", "-k"},
  };
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace

std::vector<NsupdateScript> nsupdate_data_scripts() {
  Scripts all;
  for (const Scripts& some :
       {data(), names(), ttls(), more_deletions(), more_prerequisites(), lines(), keys()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

}  // namespace ronda::test
