// The little of RFC 3986 that schema references need.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weir::json {

struct UriParts {
  std::optional<std::string_view> scheme, authority, query, fragment;
  std::string_view path;
};
UriParts split_uri(std::string_view uri);

// The reference resolved against the base (section 5.2), fragment included; what cannot be resolved
// stays as it is.
std::string resolve_uri(std::string_view base, std::string_view reference);
// Everything before the fragment, and the fragment without "#" (empty if there is none).
std::string_view without_fragment(std::string_view uri);
std::string_view fragment_of(std::string_view uri);

// %XX sequences decoded; a '%' that starts none stays.
std::string percent_decode(std::string_view text);
// A JSON pointer as a URI fragment: what a fragment may not hold is encoded.
std::string encode_fragment(std::string_view text);

}  // namespace weir::json
