// Which keys need a load. Per binding: an upper bound of the keys ever stored. A key above it
// cannot be in the table, so it needs no load and is stored as new. The bound rises with the
// largest key composed in this session, whether its commit succeeded or not: too large only costs
// loads.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "connector/destination.h"
#include "protocol/spec.h"

namespace weir::runtime {

enum class LoadNeed {
  kLoad,      // exists is told by the answer
  kAbsent,    // certainly not in the table
  kUnneeded,  // whether it exists cannot matter: delta updates, or last-write-wins into a
              // destination that upserts
};

class KeyBounds {
 public:
  struct Rule {
    bool delta_updates = false;
    bool upsert = false;  // last-write-wins, and the destination can upsert
  };
  KeyBounds(std::vector<Rule> rules, std::vector<std::string> bounds, bool always_load);

  LoadNeed need(std::uint32_t binding, std::string_view key_packed) const;
  // A document of this key was added to the open transaction. Takes effect for need() with the next
  // one.
  void seen(std::uint32_t binding, std::string_view key_packed);
  void next_transaction();
  // The bound to carry in the next checkpoint: of what was ever stored, the open transaction
  // included. At most delivery::kMaxKeyBytes.
  std::string bound(std::uint32_t binding) const;

 private:
  std::vector<Rule> rules_;
  std::vector<std::string> bounds_;
  std::vector<std::string> rising_;
  bool always_load_;
};

}  // namespace weir::runtime
