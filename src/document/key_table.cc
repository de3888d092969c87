#include "document/key_table.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace weir::document {
namespace {

constexpr std::size_t kBucketsMin = 256;

struct SortItem {
  std::uint64_t prefix;  // the first bytes of the key, most significant first
  Entry* entry;
};

std::uint64_t prefix_of(std::string_view key) {
  std::uint64_t prefix = 0;
  char bytes[8] = {};
  if (!key.empty()) std::memcpy(bytes, key.data(), std::min(key.size(), sizeof(bytes)));
  for (const char c : bytes) prefix = (prefix << 8) | static_cast<unsigned char>(c);
  return prefix;
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
    return a.entry->key_view() < b.entry->key_view();
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

KeyTable::KeyTable() : buckets_(kBucketsMin) {}

Entry* KeyTable::find_or_add(std::string_view key, std::uint64_t hash, bool* added) {
  const auto short_hash = static_cast<std::uint32_t>(hash);
  const std::size_t mask = buckets_.size() - 1;
  std::size_t i = short_hash & mask;
  for (; buckets_[i].entry != 0; i = (i + 1) & mask) {
    if (buckets_[i].hash != short_hash) continue;
    Entry& entry = at(buckets_[i].entry - 1);
    if (entry.key_view() == key) {
      *added = false;
      return &entry;
    }
  }
  if (count_ / kChunk == chunks_.size()) chunks_.push_back(std::make_unique<Entry[]>(kChunk));
  Entry& entry = at(count_++);
  const std::string_view kept = arena_.copy(key);
  entry = Entry();
  entry.key = kept.data();
  entry.key_size = static_cast<std::uint32_t>(kept.size());
  entry.hash = short_hash;
  buckets_[i] = {short_hash, static_cast<std::uint32_t>(count_)};
  if (count_ * 2 > buckets_.size()) grow();
  *added = true;
  return &entry;
}

void KeyTable::grow() {
  std::vector<Bucket> old(buckets_.size() * 2);
  old.swap(buckets_);
  const std::size_t mask = buckets_.size() - 1;
  for (const Bucket& bucket : old) {
    if (bucket.entry == 0) continue;
    std::size_t i = bucket.hash & mask;
    while (buckets_[i].entry != 0) i = (i + 1) & mask;
    buckets_[i] = bucket;
  }
}

std::vector<Entry*> KeyTable::sorted() {
  std::vector<SortItem> items;
  items.reserve(count_);
  for (std::size_t i = 0; i < count_; ++i) items.push_back({prefix_of(at(i).key_view()), &at(i)});
  if (!items.empty()) sort_items(items);
  std::vector<Entry*> entries;
  entries.reserve(count_);
  for (const SortItem& item : items) entries.push_back(item.entry);
  return entries;
}

std::size_t KeyTable::memory_used() const {
  return buckets_.capacity() * sizeof(Bucket) + chunks_.size() * kChunk * sizeof(Entry) +
         arena_.bytes_used();
}

void KeyTable::clear() {
  buckets_.assign(kBucketsMin, Bucket());
  buckets_.shrink_to_fit();
  chunks_.clear();
  count_ = 0;
  arena_.reset();
}

}  // namespace weir::document
