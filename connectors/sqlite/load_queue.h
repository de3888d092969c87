// The keys that a transaction asks for, kept until they are answered in the order of the table:
// neighbouring rows lie in neighbouring pages, which makes reading them about three times as fast
// as in the order of arrival.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "connector/destination.h"

namespace weir::sqlite {

class LoadQueue {
 public:
  void add(const connector::LoadKey& key);
  bool empty() const { return entries_.empty(); }
  // Ascending by binding and key; the views are valid until the next add() or clear().
  std::vector<connector::LoadKey> sorted() const;
  void clear();

 private:
  struct Entry {
    std::uint32_t binding;
    std::uint32_t size;
    std::uint64_t offset;
  };
  std::string bytes_;
  std::vector<Entry> entries_;
};

}  // namespace weir::sqlite
