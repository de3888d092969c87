#include "runtime/partition_filter.h"

#include <algorithm>

#include "base/check.h"
#include "base/clock.h"
#include "json/events.h"

namespace weir::runtime {
namespace {

document::ClockTicks clock_or(const std::optional<std::string>& text,
                              document::ClockTicks otherwise) {
  Timestamp time;
  return text && parse_timestamp(*text, &time) ? document::clock_of(time) : otherwise;
}

}  // namespace

DocumentFilter::DocumentFilter(const protocol::Binding& binding)
    : not_before_(clock_or(binding.not_before, 0)),
      not_after_(clock_or(binding.not_after, ~document::ClockTicks{0})) {
  const auto add = [&](const auto& fields, bool include) {
    for (const auto& [field, texts] : fields) {
      const protocol::Projection* projection = binding.collection.find_projection(field);
      WEIR_CHECK(projection != nullptr);  // The catalog lets no other field through.
      Rule rule;
      rule.pointer = *json::Pointer::parse(projection->ptr);
      rule.include = include;
      for (const std::string& text : texts) rule.values.push_back(*json::parse_tree(text));
      rules_.push_back(std::move(rule));
    }
  };
  add(binding.partitions_include, true);
  add(binding.partitions_exclude, false);
}

bool DocumentFilter::in_time(document::ClockTicks clock) const {
  return clock >= not_before_ && clock <= not_after_;
}

bool DocumentFilter::in_partitions(const json::Value& root) const {
  return std::all_of(rules_.begin(), rules_.end(), [&](const Rule& rule) {
    const json::Value* found = rule.pointer.find(root);
    const json::Value value = found == nullptr ? json::Value() : *found;
    const bool listed =
        std::any_of(rule.values.begin(), rule.values.end(),
                    [&](const json::Tree& tree) { return json::equal(tree.root, value); });
    return listed == rule.include;
  });
}

}  // namespace weir::runtime
