#include "document/spilled_keys.h"

#include <xxhash.h>

namespace weir::document {
namespace {

constexpr std::size_t kSlotsMin = 1024;

}  // namespace

SpilledKeys::Hash SpilledKeys::hash(std::uint32_t binding, std::string_view key) {
  const XXH128_hash_t hash = XXH3_128bits_withSeed(key.data(), key.size(), binding);
  return {hash.low64, hash.high64 | 1};
}

std::size_t SpilledKeys::find(const Hash& hash) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t i = hash.low & mask;
  while (slots_[i] != Hash{} && slots_[i] != hash) i = (i + 1) & mask;
  return i;
}

void SpilledKeys::add(std::uint32_t binding, std::string_view key) {
  if ((count_ + 1) * 4 > slots_.size() * 3) {
    std::vector<Hash> old(slots_.empty() ? kSlotsMin : slots_.size() * 2);
    old.swap(slots_);
    for (const Hash& taken : old) {
      if (taken != Hash{}) slots_[find(taken)] = taken;
    }
  }
  const Hash added = hash(binding, key);
  Hash& slot = slots_[find(added)];
  if (slot == Hash{}) ++count_;
  slot = added;
}

void SpilledKeys::clear() {
  slots_ = {};
  count_ = 0;
}

}  // namespace weir::document
