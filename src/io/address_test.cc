#include "io/address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/un.h>

#include "io/proxy.h"
#include "io/url.h"

namespace weir::io {
namespace {

std::string name(AddressClass kind) {
  switch (kind) {
    case AddressClass::kPublic: return "public";
    case AddressClass::kPrivate: return "private";
    case AddressClass::kForbidden: return "forbidden";
  }
  return "?";
}

std::string classify_text(const std::string& text) {
  sockaddr_in four{};
  four.sin_family = AF_INET;
  if (::inet_pton(AF_INET, text.c_str(), &four.sin_addr) == 1)
    return name(classify(reinterpret_cast<sockaddr&>(four)));
  sockaddr_in6 six{};
  six.sin6_family = AF_INET6;
  if (::inet_pton(AF_INET6, text.c_str(), &six.sin6_addr) == 1)
    return name(classify(reinterpret_cast<sockaddr&>(six)));
  return "no address";
}

struct Case {
  std::string text, expected;
};

TEST(Address, Classes) {
  const Case cases[] = {
      {"8.8.8.8", "public"},
      {"1.1.1.1", "public"},
      {"172.15.255.255", "public"},
      {"172.32.0.0", "public"},
      {"100.63.255.255", "public"},
      {"223.255.255.255", "public"},
      {"127.0.0.1", "private"},
      {"127.255.255.254", "private"},
      {"10.0.0.1", "private"},
      {"172.16.0.1", "private"},
      {"172.31.255.255", "private"},
      {"192.168.1.1", "private"},
      {"100.64.0.1", "private"},
      {"198.18.0.1", "private"},
      {"198.19.255.255", "private"},
      {"192.0.2.1", "private"},
      {"203.0.113.9", "private"},
      {"0.0.0.0", "forbidden"},
      {"0.1.2.3", "forbidden"},
      {"169.254.169.254", "forbidden"},
      {"169.254.0.1", "forbidden"},
      {"100.100.100.200", "forbidden"},
      {"168.63.129.16", "forbidden"},
      {"192.0.0.192", "forbidden"},
      {"224.0.0.1", "forbidden"},
      {"240.0.0.1", "forbidden"},
      {"255.255.255.255", "forbidden"},
      {"2606:4700::1111", "public"},
      {"::1", "private"},
      {"fd00::1", "private"},
      {"fc00::1", "private"},
      {"fec0::1", "private"},
      {"2001:db8::1", "private"},
      {"::", "forbidden"},
      {"fe80::1", "forbidden"},
      {"febf::1", "forbidden"},
      {"ff02::1", "forbidden"},
      {"fd00:ec2::254", "forbidden"},
      {"fd20:ce::254", "forbidden"},
      // IPv4 inside.
      {"::ffff:8.8.8.8", "public"},
      {"::ffff:127.0.0.1", "private"},
      {"::ffff:169.254.169.254", "forbidden"},
      {"::ffff:0:169.254.169.254", "forbidden"},
      {"::127.0.0.1", "private"},
      {"::169.254.169.254", "forbidden"},
      {"64:ff9b::8.8.8.8", "public"},
      {"64:ff9b::10.0.0.1", "private"},
      {"64:ff9b::169.254.169.254", "forbidden"},
      {"64:ff9b:1::8.8.8.8", "private"},
      {"64:ff9b:1::169.254.169.254", "forbidden"},
      {"2002:0808:0808::1", "public"},
      {"2002:7f00:1::1", "private"},
      {"2002:a9fe:a9fe::1", "forbidden"},
      {"2001:0:808:808::f7f7:f7f7", "public"},       // Teredo, client 8.8.8.8
      {"2001:0:808:808::5601:5601", "forbidden"},    // client 169.254.169.254
      {"2001:0:a9fe:a9fe::f7f7:f7f7", "forbidden"},  // server 169.254.169.254
      {"2606:4700::5efe:10.0.0.1", "private"},       // ISATAP
      {"2606:4700::200:5efe:a9fe:a9fe", "forbidden"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(classify_text(c.text), c.expected);
    EXPECT_EQ(name(classify_literal(c.text)), c.expected);
    EXPECT_EQ(name(classify_literal("[" + c.text + "]")), c.expected);
  }
  sockaddr_un other{};
  other.sun_family = AF_UNIX;
  EXPECT_EQ(classify(reinterpret_cast<sockaddr&>(other)), AddressClass::kForbidden);
}

TEST(Address, LiteralsInEverySpelling) {
  const Case cases[] = {
      {"2130706433", "private"},
      {"0x7f000001", "private"},
      {"0x7f.1", "private"},
      {"0177.0.0.01", "private"},
      {"127.1", "private"},
      {"2852039166", "forbidden"},
      {"0xa9fea9fe", "forbidden"},
      {"169.254.169.254.", "forbidden"},
      {"fe80::1%eth0", "forbidden"},
      {"", "forbidden"},
      {"localhost", "private"},
      {"LOCALHOST.", "private"},
      {"a.localhost", "private"},
      {"metadata.google.internal", "forbidden"},
      {"Metadata.Google.Internal.", "forbidden"},
      {"example.com", "public"},
      {"notlocalhost", "public"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(name(classify_literal(c.text)), c.expected);
  }
}

TEST(Proxy, Exceptions) {
  const struct {
    std::string_view list, host;
    int port;
    bool expected;
  } cases[] = {
      {"", "example.com", 80, false},
      {"*", "example.com", 80, true},
      {"example.com", "example.com", 80, true},
      {"example.com", "EXAMPLE.com.", 80, true},
      {"example.com", "www.example.com", 80, true},
      {".example.com", "www.example.com", 80, true},
      {"example.com", "badexample.com", 80, false},
      {"a, example.com:8080", "example.com", 8080, true},
      {"example.com:8080", "example.com", 80, false},
      {"127.0.0.1", "127.0.0.1", 80, true},
      {"0.0.1", "127.0.0.1", 80, false},
      {"10.0.0.0/8 x", "10.20.30.40", 80, true},
      {"10.0.0.0/8", "11.0.0.1", 80, false},
      {"10.0.0.0/99", "10.0.0.1", 80, false},
      {"::1", "[::1]", 80, true},
      {"fd00::/8", "[fd12::1]", 443, true},
      {"fd00::/8", "10.0.0.1", 443, false},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(std::string(c.list) + " " + std::string(c.host));
    EXPECT_EQ(is_excepted(c.list, c.host, c.port), c.expected);
  }
  const ProxySettings settings{"http://a:1", "http://b:2", "inside"};
  EXPECT_EQ(proxy_for(settings, "http", "example.com", 80), "http://a:1");
  EXPECT_EQ(proxy_for(settings, "https", "example.com", 443), "http://b:2");
  EXPECT_EQ(proxy_for(settings, "https", "inside", 443), "");
}

TEST(Url, OriginsShowNoMore) {
  const Case cases[] = {
      {"https://user:word@example.com/secret?token=x#y", "https://example.com"},
      {"http://example.com:8080/x", "http://example.com:8080"},
      {"HTTP://EXAMPLE.com", "http://EXAMPLE.com"},
      {"http://[::1]:9/x", "http://[::1]:9"},
      {"http://2130706433/", "http://127.0.0.1"},
      {"nonsense", "(no url)"},
      {"", "(no url)"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    const auto parts = parse_url(c.text);
    EXPECT_EQ(parts ? parts->origin() : "(no url)", c.expected);
  }
  EXPECT_EQ(resolve_url("https://a.example/x/y?z", "../other?secret")->origin(),
            "https://a.example");
  EXPECT_EQ(resolve_url("https://a.example/x", "//b.example:7/?secret")->origin(),
            "https://b.example:7");
}

}  // namespace
}  // namespace weir::io
