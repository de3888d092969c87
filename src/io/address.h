// Which addresses may be talked to: judged on the bytes of the address that is about to be
// connected, so that no spelling (decimal, octal, IPv4 inside IPv6) and no change of the DNS answer
// gets around it.
#pragma once

#include <string>
#include <string_view>

struct sockaddr;

namespace weir::io {

enum class AddressClass {
  kPublic,
  kPrivate,    // loopback, private, shared, unique local, documentation, benchmarking
  kForbidden,  // link-local, metadata services, multicast, broadcast, unspecified, reserved, no IP
               // address at all
};

// An IPv6 address that carries an IPv4 one (mapped, compatible, NAT64, 6to4, Teredo, ISATAP) is as
// bad as the worse of the two.
AddressClass classify(const sockaddr& address);

// A host as it stands in a URL: a literal in any spelling that inet_aton or inet_pton reads
// (brackets allowed), or a name. Names that can only mean this machine or a metadata service are
// classed so; every other name is kPublic, for it tells nothing before it is resolved.
AddressClass classify_literal(std::string_view host);

}  // namespace weir::io
