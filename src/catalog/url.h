// URLs of triggers, as far as a catalog can judge them. Messages are made by the caller: nothing
// here quotes a URL.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace weir::catalog {

struct Url {
  std::string scheme;  // lower case
  std::string user_info;
  std::string host;       // without brackets
  std::string port;       // empty: the scheme's
  std::string_view rest;  // path, query, fragment; points into the text
};

// nullopt and why: no scheme, no host, a port that is none, characters that do not belong into an
// origin. `text` may hold references and templates; see has_reference_origin().
std::optional<Url> parse_url(std::string_view text, std::string* why);
// Does a ${…} reference stand before the path? Then the origin is only known when the request is
// sent.
bool has_reference_origin(std::string_view text);
// Does a template stand before the path?
bool has_template_origin(std::string_view text);
// Where the path, query or fragment begins; the text's size if there is none.
std::size_t end_of_origin(std::string_view text);
bool is_loopback(std::string_view host);
// Looks like it carries a token: a parameter of such a name, or a long random-looking piece of
// path.
bool looks_like_a_credential(const Url& url);

}  // namespace weir::catalog
