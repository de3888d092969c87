// Which keys left the combiner's memory for a run: a set of 128-bit hashes, 21 to 43 bytes a key. A
// collision would let a load be skipped; at a billion keys its odds are below 10^-20.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace weir::document {

class SpilledKeys {
 public:
  void add(std::uint32_t binding, std::string_view key);
  bool contains(std::uint32_t binding, std::string_view key) const {
    return count_ != 0 && slots_[find(hash(binding, key))] != Hash{};
  }
  std::size_t memory_used() const { return slots_.capacity() * sizeof(Hash); }
  void clear();

 private:
  struct Hash {
    std::uint64_t low = 0;
    std::uint64_t high = 0;  // never zero in a slot that is taken
    friend bool operator==(const Hash&, const Hash&) = default;
  };
  static Hash hash(std::uint32_t binding, std::string_view key);
  std::size_t find(const Hash& hash) const;  // its slot, or the free one where it belongs

  std::vector<Hash> slots_;
  std::size_t count_ = 0;
};

}  // namespace weir::document
