// What the tests of this folder share.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "handlebars/template.h"
#include "json/events.h"

namespace weir::handlebars {

inline Template parsed(std::string_view text) {
  auto result = Template::parse(text);
  EXPECT_TRUE(result.has_value()) << text << ": " << (result ? "" : result.error().text());
  return result ? *std::move(result) : *Template::parse("");
}

// The output, or "error LINE:COLUMN: message".
inline std::string rendered(std::string_view text, std::string_view data,
                            const RenderOptions& options = {}) {
  const auto tree = json::parse_tree(data);
  EXPECT_TRUE(tree.has_value()) << data;
  const auto result = Template::parse(text);
  if (!result) return "error " + result.error().text();
  const auto out = render(*result, tree->root, options);
  return out ? *out : "error " + out.error().text();
}

struct RenderCase {
  std::string_view text;
  std::string_view data;
  std::string_view expected;
};

template <std::size_t N>
void expect_rendered(const RenderCase (&cases)[N], const RenderOptions& options = {}) {
  for (const RenderCase& c : cases) {
    EXPECT_EQ(rendered(c.text, c.data, options), c.expected) << c.text << "\n  with " << c.data;
  }
}

}  // namespace weir::handlebars
