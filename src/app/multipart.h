// Bodies of multipart/form-data (RFC 7578), as far as small parts by name need it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace weir::app {

inline constexpr std::size_t kPartsMax = 16;

struct FormPart {
  std::string name;
  std::string_view body;  // inside the text
};
// `content_type` is the header's value. kNotFound: it names no boundary; kInvalid: not well formed.
Result<std::vector<FormPart>> parse_form(std::string_view content_type, std::string_view body);

}  // namespace weir::app
