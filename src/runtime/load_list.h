// Keys to be loaded in the open transaction, collected so that the destination gets them sorted and
// in large portions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "connector/destination.h"

namespace weir::runtime {

inline constexpr std::size_t kLoadKeysMax = 1u << 17;  // per portion
inline constexpr std::size_t kLoadBytesMax = 16u << 20;

class LoadList {
 public:
  void add(std::uint32_t binding, std::string_view key_packed);
  bool full() const { return entries_.size() >= kLoadKeysMax || bytes_.size() >= kLoadBytesMax; }
  // Ascending by (binding, key); the list is empty afterwards.
  Status send(connector::Destination& destination);

 private:
  struct Entry {
    std::uint32_t binding;
    std::uint32_t length;
    std::size_t at;  // in bytes_
  };
  std::vector<Entry> entries_;
  std::string bytes_;
};

}  // namespace weir::runtime
