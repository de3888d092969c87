#include "runtime/key_bounds.h"

#include <algorithm>

#include "base/check.h"
#include "delivery/window.h"
#include "document/tuple.h"

namespace weir::runtime {

KeyBounds::KeyBounds(std::vector<Rule> rules, std::vector<std::string> bounds, bool always_load)
    : rules_(std::move(rules)),
      bounds_(std::move(bounds)),
      rising_(bounds_),
      always_load_(always_load) {
  WEIR_CHECK(rules_.size() == bounds_.size());
}

LoadNeed KeyBounds::need(std::uint32_t binding, std::string_view key_packed) const {
  const Rule& rule = rules_[binding];
  if (rule.delta_updates) return LoadNeed::kUnneeded;
  if (!always_load_ && key_packed > bounds_[binding]) return LoadNeed::kAbsent;
  return rule.upsert ? LoadNeed::kUnneeded : LoadNeed::kLoad;
}

void KeyBounds::seen(std::uint32_t binding, std::string_view key_packed) {
  std::string& rising = rising_[binding];
  if (key_packed <= rising) return;
  rising.assign(key_packed);
}

void KeyBounds::next_transaction() {
  for (std::size_t i = 0; i < bounds_.size(); ++i) {
    rising_[i] = document::bounded_above(rising_[i], delivery::kMaxKeyBytes);
    bounds_[i] = rising_[i];
  }
}

std::string KeyBounds::bound(std::uint32_t binding) const {
  return document::bounded_above(rising_[binding], delivery::kMaxKeyBytes);
}

}  // namespace weir::runtime
