#include "io/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace weir::io {
namespace {

using Ipv6 = std::array<std::uint8_t, 16>;

struct Range4 {
  std::uint32_t network;
  int bits;
  AddressClass kind;
};

constexpr std::uint32_t ip(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  return (a << 24) | (b << 16) | (c << 8) | d;
}

// The first that fits counts.
constexpr Range4 kRanges4[] = {
    {ip(0, 0, 0, 0), 8, AddressClass::kForbidden},           // this network
    {ip(169, 254, 0, 0), 16, AddressClass::kForbidden},      // link-local, most metadata services
    {ip(100, 100, 100, 200), 32, AddressClass::kForbidden},  // metadata (Alibaba)
    {ip(192, 0, 0, 192), 32, AddressClass::kForbidden},      // metadata (Oracle)
    {ip(168, 63, 129, 16), 32, AddressClass::kForbidden},    // host agent (Azure)
    {ip(10, 0, 0, 0), 8, AddressClass::kPrivate},            //
    {ip(127, 0, 0, 0), 8, AddressClass::kPrivate},           // loopback
    {ip(172, 16, 0, 0), 12, AddressClass::kPrivate},         //
    {ip(192, 168, 0, 0), 16, AddressClass::kPrivate},        //
    {ip(100, 64, 0, 0), 10, AddressClass::kPrivate},         // shared (carrier NAT)
    {ip(192, 0, 0, 0), 24, AddressClass::kPrivate},          // protocol assignments
    {ip(192, 0, 2, 0), 24, AddressClass::kPrivate},          // documentation
    {ip(198, 51, 100, 0), 24, AddressClass::kPrivate},       // documentation
    {ip(203, 0, 113, 0), 24, AddressClass::kPrivate},        // documentation
    {ip(198, 18, 0, 0), 15, AddressClass::kPrivate},         // benchmarking
    {ip(224, 0, 0, 0), 4, AddressClass::kForbidden},         // multicast
    {ip(240, 0, 0, 0), 4, AddressClass::kForbidden},         // reserved, broadcast
};

struct Range6 {
  Ipv6 network;
  int bits;
  AddressClass kind;
};

constexpr Range6 kRanges6[] = {
    {{0xfd, 0x00, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54},
     128,
     AddressClass::kForbidden},  // metadata (AWS)
    {{0xfd, 0x20, 0x00, 0xce, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54},
     128,
     AddressClass::kForbidden},                    // metadata (Google)
    {{0xfe, 0x80}, 10, AddressClass::kForbidden},  // link-local
    {{0xff}, 8, AddressClass::kForbidden},         // multicast
    {{0}, 128, AddressClass::kForbidden},          // unspecified
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128, AddressClass::kPrivate},  // loopback
    {{0xfc}, 7, AddressClass::kPrivate},                                 // unique local
    {{0xfe, 0xc0}, 10, AddressClass::kPrivate},                          // site-local, deprecated
    {{0x20, 0x01, 0x0d, 0xb8}, 32, AddressClass::kPrivate},              // documentation
    {{0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 48, AddressClass::kPrivate},  // local NAT64
    {{0x01, 0x00}, 64, AddressClass::kPrivate},                          // discard
};

bool has_prefix(const Ipv6& address, const Ipv6& network, int bits) {
  const auto whole = static_cast<std::size_t>(bits / 8);
  if (!std::equal(network.begin(), network.begin() + whole, address.begin())) return false;
  if (bits % 8 == 0) return true;
  const int mask = 0xff << (8 - bits % 8);
  return (address[whole] & mask) == (network[whole] & mask);
}

AddressClass classify4(std::uint32_t address) {
  for (const Range4& range : kRanges4)
    if ((address >> (32 - range.bits)) == (range.network >> (32 - range.bits))) return range.kind;
  return AddressClass::kPublic;
}

std::uint32_t ipv4_at(const Ipv6& address, std::size_t at) {
  return ip(address[at], address[at + 1], address[at + 2], address[at + 3]);
}

// The class of what an IPv6 address carries; kPublic where it carries nothing.
AddressClass classify_carried(const Ipv6& address) {
  static constexpr Ipv6 kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  static constexpr Ipv6 kTranslated = {0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  static constexpr Ipv6 kNat64 = {0x00, 0x64, 0xff, 0x9b};
  static constexpr Ipv6 k6to4 = {0x20, 0x02};
  static constexpr Ipv6 kTeredo = {0x20, 0x01, 0, 0};
  if (has_prefix(address, kMapped, 96) || has_prefix(address, kTranslated, 96) ||
      has_prefix(address, kNat64, 96))
    return classify4(ipv4_at(address, 12));
  // ::1 and :: are judged by the table; every other address of ::/96 is an IPv4-compatible one.
  if (has_prefix(address, Ipv6{}, 96) && ipv4_at(address, 12) > 1)
    return classify4(ipv4_at(address, 12));
  if (has_prefix(address, k6to4, 16)) return classify4(ipv4_at(address, 2));
  if (has_prefix(address, kTeredo, 32))
    return std::max(classify4(ipv4_at(address, 4)), classify4(~ipv4_at(address, 12)));
  // The local NAT64 prefix comes in several lengths (RFC 6052); the longest is the usual one.
  static constexpr Ipv6 kLocalNat64 = {0x00, 0x64, 0xff, 0x9b, 0x00, 0x01};
  if (has_prefix(address, kLocalNat64, 48)) return classify4(ipv4_at(address, 12));
  // ISATAP: the interface part is 0000:5efe or 0200:5efe and an IPv4 address.
  if ((address[8] & 0xfd) == 0 && address[9] == 0 && address[10] == 0x5e && address[11] == 0xfe)
    return classify4(ipv4_at(address, 12));
  return AddressClass::kPublic;
}

AddressClass classify6(const Ipv6& address) {
  AddressClass kind = AddressClass::kPublic;
  for (const Range6& range : kRanges6) {
    if (!has_prefix(address, range.network, range.bits)) continue;
    kind = range.kind;
    break;
  }
  return std::max(kind, classify_carried(address));
}

bool is_or_ends_in(std::string_view host, std::string_view name) {
  if (host == name) return true;
  return host.size() > name.size() && host.ends_with(name) &&
         host[host.size() - name.size() - 1] == '.';
}

}  // namespace

static_assert(AddressClass::kPublic < AddressClass::kPrivate &&
              AddressClass::kPrivate < AddressClass::kForbidden);

AddressClass classify(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in found;
    std::memcpy(&found, &address, sizeof found);
    return classify4(ntohl(found.sin_addr.s_addr));
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 found;
    std::memcpy(&found, &address, sizeof found);
    Ipv6 bytes;
    std::memcpy(bytes.data(), &found.sin6_addr, bytes.size());
    return classify6(bytes);
  }
  return AddressClass::kForbidden;
}

AddressClass classify_literal(std::string_view host) {
  std::string name(host);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  if (name.size() > 2 && name.front() == '[' && name.back() == ']')
    name = name.substr(1, name.size() - 2);
  while (!name.empty() && name.back() == '.') name.pop_back();
  in_addr four;
  if (::inet_aton(name.c_str(), &four) != 0) return classify4(ntohl(four.s_addr));
  const std::string without_zone = name.substr(0, name.find('%'));
  Ipv6 six;
  if (::inet_pton(AF_INET6, without_zone.c_str(), six.data()) == 1) return classify6(six);
  if (name.empty()) return AddressClass::kForbidden;
  if (is_or_ends_in(name, "localhost") || is_or_ends_in(name, "localdomain"))
    return AddressClass::kPrivate;
  if (is_or_ends_in(name, "metadata.google.internal") || name == "metadata" ||
      is_or_ends_in(name, "instance-data.ec2.internal") || name == "instance-data")
    return AddressClass::kForbidden;
  return AddressClass::kPublic;
}

}  // namespace weir::io
