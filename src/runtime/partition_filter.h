// Which documents of a collection a binding takes: those inside its time range and its partition
// selector.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "document/uuid.h"
#include "json/pointer.h"
#include "json/value.h"
#include "protocol/spec.h"

namespace weir::runtime {

class DocumentFilter {
 public:
  explicit DocumentFilter(const protocol::Binding& binding);
  // Documents without a clock count as published at the epoch.
  bool in_time(document::ClockTicks clock) const;
  bool has_partitions() const { return !rules_.empty(); }
  // `root` is the parsed document.
  bool in_partitions(const json::Value& root) const;

 private:
  struct Rule {
    json::Pointer pointer;
    bool include = true;
    std::vector<json::Tree> values;
  };
  document::ClockTicks not_before_ = 0;
  document::ClockTicks not_after_ = ~document::ClockTicks{0};
  std::vector<Rule> rules_;
};

}  // namespace weir::runtime
