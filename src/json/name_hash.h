// A cheap hash of member names, and a read-only table of names for the hot paths.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace weir::json {

// Of the length and up to the first and last eight bytes: enough to tell the names of one object
// apart. Not for keys that an enemy may choose where collisions cost more than a comparison.
inline std::uint64_t hash_name(std::string_view name) {
  const char* const bytes = name.data();
  const std::size_t size = name.size();
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  if (size >= 8) {
    std::memcpy(&first, bytes, 8);
    std::memcpy(&last, bytes + size - 8, 8);
  } else if (size >= 4) {
    std::uint32_t half[2];
    std::memcpy(&half[0], bytes, 4);
    std::memcpy(&half[1], bytes + size - 4, 4);
    first = half[0];
    last = half[1];
  } else if (size > 0) {
    const auto at = [&](std::size_t i) {
      return std::uint64_t{static_cast<unsigned char>(bytes[i])};
    };
    first = at(0) << 16 | at(size / 2) << 8 | at(size - 1);
  }
  first ^= 0x9E3779B97F4A7C15u;
  last ^= size ^ 0xC2B2AE3D27D4EB4Fu;
#if defined(__SIZEOF_INT128__)
  const auto product = static_cast<unsigned __int128>(first) * last;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
#else
  first *= last;
  return first ^ first >> 32;
#endif
}

// Names numbered in the order of insertion.
class NameTable {
 public:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  // The number of the name, which is added if it is new.
  std::uint32_t insert(std::string_view name) {
    if (const std::uint32_t known = find(name); known != kNone) return known;
    names_.push_back({hash_name(name), std::string(name)});
    if (names_.size() > kLinearMax) rebuild();
    return static_cast<std::uint32_t>(names_.size() - 1);
  }
  std::uint32_t find(std::string_view name) const {
    if (names_.empty()) return kNone;
    const std::uint64_t hash = hash_name(name);
    if (table_.empty()) {
      for (std::uint32_t i = 0; i < names_.size(); ++i) {
        if (names_[i].hash == hash && names_[i].name == name) return i;
      }
      return kNone;
    }
    const std::size_t mask = table_.size() - 1;
    for (std::size_t at = hash & mask; table_[at] != kNone; at = (at + 1) & mask) {
      const Entry& entry = names_[table_[at]];
      if (entry.hash == hash && entry.name == name) return table_[at];
    }
    return kNone;
  }
  std::size_t size() const { return names_.size(); }
  const std::string& name(std::uint32_t number) const { return names_[number].name; }

 private:
  static constexpr std::size_t kLinearMax = 3;  // up to as many are compared one by one
  struct Entry {
    std::uint64_t hash;
    std::string name;
  };

  void rebuild() {
    const std::size_t room = std::bit_ceil(names_.size() * 2 + 2);
    if (room > table_.size()) {
      table_.assign(room * 2, kNone);
      for (std::uint32_t i = 0; i < names_.size(); ++i) place(i);
    } else {
      place(static_cast<std::uint32_t>(names_.size() - 1));
    }
  }
  void place(std::uint32_t number) {
    const std::size_t mask = table_.size() - 1;
    std::size_t at = names_[number].hash & mask;
    while (table_[at] != kNone) at = (at + 1) & mask;
    table_[at] = number;
  }

  std::vector<Entry> names_;
  std::vector<std::uint32_t> table_;  // open addressing; empty while few
};

}  // namespace weir::json
