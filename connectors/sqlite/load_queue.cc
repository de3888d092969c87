#include "connectors/sqlite/load_queue.h"

#include <algorithm>

namespace weir::sqlite {

namespace {

// Memory that a large transaction needed is given back rather than kept for the next.
constexpr std::size_t kKeepBytes = 16u << 20;

}  // namespace

void LoadQueue::add(const connector::LoadKey& key) {
  entries_.push_back(
      {key.binding, static_cast<std::uint32_t>(key.key_packed.size()), bytes_.size()});
  bytes_ += key.key_packed;
}

std::vector<connector::LoadKey> LoadQueue::sorted() const {
  std::vector<connector::LoadKey> keys;
  keys.reserve(entries_.size());
  for (const Entry& entry : entries_) {
    keys.push_back({entry.binding, std::string_view(bytes_).substr(entry.offset, entry.size)});
  }
  const auto before = [](const connector::LoadKey& a, const connector::LoadKey& b) {
    return a.binding != b.binding ? a.binding < b.binding : a.key_packed < b.key_packed;
  };
  if (!std::is_sorted(keys.begin(), keys.end(), before))
    std::sort(keys.begin(), keys.end(), before);
  return keys;
}

void LoadQueue::clear() {
  entries_.clear();
  bytes_.clear();
  if (bytes_.capacity() > kKeepBytes) {
    bytes_ = {};
    entries_ = {};
  }
}

}  // namespace weir::sqlite
