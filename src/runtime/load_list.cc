#include "runtime/load_list.h"

#include <algorithm>

namespace weir::runtime {

void LoadList::add(std::uint32_t binding, std::string_view key_packed) {
  entries_.push_back({binding, static_cast<std::uint32_t>(key_packed.size()), bytes_.size()});
  bytes_.append(key_packed);
}

Status LoadList::send(connector::Destination& destination) {
  if (entries_.empty()) return {};
  std::vector<connector::LoadKey> keys;
  keys.reserve(entries_.size());
  for (const Entry& entry : entries_) {
    keys.push_back({entry.binding, std::string_view(bytes_).substr(entry.at, entry.length)});
  }
  std::sort(keys.begin(), keys.end(), [](const connector::LoadKey& a, const connector::LoadKey& b) {
    return a.binding != b.binding ? a.binding < b.binding : a.key_packed < b.key_packed;
  });
  const Status sent = destination.load(keys);
  entries_.clear();
  bytes_.clear();
  return sent;
}

}  // namespace weir::runtime
