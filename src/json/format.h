// The formats of JSON Schema that can be asserted, each by the document that defines it: RFC 3339
// (date-time, date, time, duration), RFC 5321 (email, with RFC 6531 idn-email), RFC 1123
// (hostname), RFC 2673 (ipv4), RFC 4291 (ipv6), RFC 3986 and 3987 (uri, iri and their references),
// RFC 6570 (uri-template), RFC 4122 (uuid), RFC 6901 (json-pointer).
#pragma once

#include <string_view>

#include "json/schema_node.h"

namespace weir::json {

// nullptr if formats of that name are not checked here; `regex` is up to the regular expressions in
// use, and `idn-hostname` would need the tables of IDNA.
FormatCheck find_format(std::string_view name);

// The names that find_format() knows, for messages and tests.
std::vector<std::string_view> format_names();

// Parts that several formats share.
bool is_ipv4(std::string_view text);
bool is_ipv6(std::string_view text);
bool is_hostname(std::string_view text);
bool is_uri(std::string_view text);
bool is_uri_reference(std::string_view text);
bool is_iri(std::string_view text);
bool is_iri_reference(std::string_view text);
bool is_uri_template(std::string_view text);

}  // namespace weir::json
