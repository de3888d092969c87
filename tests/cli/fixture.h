// A small catalog that several tests run: orders, last write wins, and totals, which are sums.
#pragma once

#include <fmt/core.h>

#include <string>

#include "tests/cli/program.h"

namespace weir::cli {

inline constexpr const char* kOrders = R"(
collections:
  acme/orders:
    key: [/id]
    schema:
      type: object
      required: [id]
      properties:
        id: { type: integer }
        total: { type: integer }
        note: { type: string }
  acme/totals:
    key: [/customer]
    schema:
      type: object
      required: [customer]
      reduce: { strategy: merge }
      properties:
        customer: { type: string }
        total: { type: integer, reduce: { strategy: sum } }
)";

inline constexpr const char* kShop = R"(
materializations:
  acme/shop:
    endpoint: { sqlite: { path: shop.sqlite } }
    bindings:
      - { resource: { table: orders }, source: acme/orders }
      - { resource: { table: totals }, source: acme/totals }
)";

// `triggers` of acme/shop: lines that follow "- " or are indented below it, as one list item each.
inline std::string shop_with_triggers(const std::string& items) {
  std::string text = std::string(kOrders) + kShop + "    triggers:\n      config:\n";
  std::string line;
  for (const char c : items) {
    line += c;
    if (c != '\n') continue;
    text += "        " + line;
    line.clear();
  }
  return text;
}

inline std::string trigger(const std::string& name, const std::string& url,
                           const std::string& more = "") {
  return fmt::format(
      "- name: {}\n  url: \"{}\"\n  payloadTemplate: '{{\"id\": \"{{{{request_id}}}}\", "
      "\"through\": {{{{json "
      "transactions.through}}}}}}'\n{}",
      name, url, more);
}

}  // namespace weir::cli
