#include "secrets/name_order.h"

#include <algorithm>
#include <memory>

namespace weir::secrets {

json::Value in_name_order(const json::Value& value, json::Arena& arena) {
  json::Value out = value;
  if (value.is_object()) {
    auto* members = arena.array<json::Member>(value.size());
    std::uninitialized_copy(value.members().begin(), value.members().end(), members);
    std::stable_sort(members, members + value.size(),
                     [](const json::Member& a, const json::Member& b) { return a.name < b.name; });
    for (std::size_t i = 0; i < value.size(); ++i) {
      members[i].value = in_name_order(members[i].value, arena);
    }
    out = json::Value::object({members, value.size()});
  } else if (value.is_array()) {
    auto* items = arena.array<json::Value>(value.size());
    for (std::size_t i = 0; i < value.size(); ++i) {
      items[i] = in_name_order(value.items()[i], arena);
    }
    out = json::Value::array({items, value.size()});
  }
  out.set_place(value.place());
  return out;
}

}  // namespace weir::secrets
