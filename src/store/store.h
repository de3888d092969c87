// The durable state of one task: ordered keys and values, with one lock. docs/formats.md lists the
// keys. One thread uses a store; a second opener of the same folder is refused while the first
// lives.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace weir::store {

struct Batch {
  struct Operation {
    std::string key;
    std::optional<std::string> value;  // nullopt deletes
  };
  std::vector<Operation> operations;
  void put(std::string key, std::string value) {
    operations.push_back({std::move(key), std::move(value)});
  }
  void erase(std::string key) { operations.push_back({std::move(key), std::nullopt}); }
  bool empty() const { return operations.empty(); }
};

enum class Sync { kNo, kYes };

class Store {
 public:
  virtual ~Store() = default;
  virtual Result<std::optional<std::string>> get(std::string_view key) const = 0;
  // Entries whose key starts with `prefix`, ascending, at most `limit`.
  virtual Result<std::vector<std::pair<std::string, std::string>>> scan(
      std::string_view prefix, std::size_t limit) const = 0;
  // Atomic. A synced batch makes every earlier one durable too; of unsynced ones a crash can lose
  // any suffix. kFull: the disk is full, nothing of the batch was applied.
  virtual Status write(const Batch& batch, Sync sync) = 0;
  // Syncs and gives up the lock.
  virtual Status close() = 0;
};

}  // namespace weir::store
