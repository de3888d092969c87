// The tag of a template at a place, as far as messages speak of it. Private to this folder.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir::catalog {

struct TemplateTag {
  std::string_view
      path;  // of {{path}}, {{{path}}} or {{&path}}; empty where the tag is anything more
  bool verbatim = false;  // {{{x}}} or {{&x}}
};

// The tag whose first brace stands at `line` and `column` (1-based, in characters); an empty one if
// there is none.
TemplateTag tag_at(std::string_view text, std::uint32_t line, std::uint32_t column);

}  // namespace weir::catalog
