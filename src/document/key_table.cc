#include "document/key_table.h"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace weir::document {
namespace {

constexpr std::size_t kPlacesMin = 64;
constexpr std::size_t kLine = 64;

struct SortItem {
  std::uint64_t prefix;  // the first bytes of the key, most significant first
  Entry* entry;
};

std::uint64_t prefix_of(std::string_view key) {
  char bytes[8] = {};
  std::memcpy(bytes, key.data(), std::min(key.size(), sizeof(bytes)));
  std::uint64_t prefix = 0;
  std::memcpy(&prefix, bytes, sizeof(prefix));
  return __builtin_bswap64(prefix);
}

// By prefix, least significant byte first; bytes that are the same in all items cost one look.
void radix_sort(std::vector<SortItem>& items) {
  std::array<std::array<std::uint32_t, 256>, 8> counts{};
  for (const SortItem& item : items) {
    for (unsigned byte = 0; byte < 8; ++byte) ++counts[byte][(item.prefix >> (8 * byte)) & 0xff];
  }
  std::vector<SortItem> other(items.size());
  for (unsigned byte = 0; byte < 8; ++byte) {
    auto& count = counts[byte];
    if (count[(items[0].prefix >> (8 * byte)) & 0xff] == items.size()) continue;
    std::uint32_t at = 0;
    for (std::uint32_t& n : count) at += std::exchange(n, at);
    for (const SortItem& item : items) other[count[(item.prefix >> (8 * byte)) & 0xff]++] = item;
    items.swap(other);
  }
}

void sort_items(std::vector<SortItem>& items) {
  const auto by_key = [](const SortItem& a, const SortItem& b) {
    return a.entry->key() < b.entry->key();
  };
  constexpr std::size_t kRadixMin = 512;
  if (items.size() < kRadixMin) {
    std::sort(items.begin(), items.end(), by_key);
    return;
  }
  radix_sort(items);
  for (auto begin = items.begin(); begin != items.end();) {
    auto end = begin + 1;
    while (end != items.end() && end->prefix == begin->prefix) ++end;
    if (end - begin > 1) std::sort(begin, end, by_key);
    begin = end;
  }
}

}  // namespace

std::uint64_t hash_key(std::string_view key) {
  return XXH3_64bits(key.data(), key.size());
}

KeyTable::KeyTable(std::size_t tail_bytes)
    : stride_((sizeof(Entry) + tail_bytes + kLine - 1) / kLine * kLine) {}

Entry* KeyTable::find_or_add(std::string_view key, std::uint64_t hash) {
  // Seven in ten at most, so that probes stay short; then half as many places again.
  if (count_ * 10 >= places_ * 7) grow();
  std::size_t at = home(hash);
  for (std::size_t line = kLine; line < stride_; line += kLine) {
    __builtin_prefetch(reinterpret_cast<const char*>(place(at)) + line);
  }
  const std::uint32_t size_plus = static_cast<std::uint32_t>(key.size()) + 1;
  const auto tag = static_cast<std::uint32_t>(hash);
  for (;; at = at + 1 == places_ ? 0 : at + 1) {
    Entry* const entry = place(at);
    if (entry->is_free()) return add(at, key, hash);
    if (entry->key_size_plus_ != size_plus) continue;
    if (key.size() <= sizeof(entry->key_)) {
      if (std::memcmp(entry->key_, key.data(), key.size()) == 0) return entry;
    } else if (std::memcmp(entry->key_ + sizeof(char*), &tag, sizeof(tag)) == 0 &&
               std::memcmp(entry->kept_key(), key.data(), key.size()) == 0) {
      return entry;
    }
  }
}

Entry* KeyTable::add(std::size_t at, std::string_view key, std::uint64_t hash) {
  Entry* const entry = place(at);
  ++count_;
  entry->document.pin = DocumentRef::kOwned;
  entry->key_size_plus_ = static_cast<std::uint32_t>(key.size()) + 1;
  if (key.size() <= sizeof(entry->key_)) {
    if (!key.empty()) std::memcpy(entry->key_, key.data(), key.size());
    return entry;
  }
  const char* const kept = arena_.copy(key).data();
  const auto tag = static_cast<std::uint32_t>(hash);
  std::memcpy(entry->key_, &kept, sizeof(kept));
  std::memcpy(entry->key_ + sizeof(kept), &tag, sizeof(tag));
  return entry;
}

void KeyTable::grow() {
  const Pages old = std::move(pages_);
  const std::size_t old_places = std::exchange(places_, std::max(kPlacesMin, places_ * 3 / 2));
  pages_ = Pages(places_ * stride_);
  for (std::size_t i = 0; i < old_places; ++i) {
    const char* const from = old.data() + i * stride_;
    const Entry& entry = *reinterpret_cast<const Entry*>(from);
    if (entry.is_free()) continue;
    std::size_t at = home(hash_key(entry.key()));
    while (!place(at)->is_free()) at = at + 1 == places_ ? 0 : at + 1;
    std::memcpy(static_cast<void*>(place(at)), from, stride_);
  }
}

std::vector<Entry*> KeyTable::sorted() {
  std::vector<SortItem> items;
  items.reserve(count_);
  for_each([&](Entry& entry) { items.push_back({prefix_of(entry.key()), &entry}); });
  if (!items.empty()) sort_items(items);
  std::vector<Entry*> entries;
  entries.reserve(count_);
  for (const SortItem& item : items) entries.push_back(item.entry);
  return entries;
}

void KeyTable::clear() {
  pages_ = Pages();
  places_ = 0;
  count_ = 0;
  arena_.reset();
}

}  // namespace weir::document
