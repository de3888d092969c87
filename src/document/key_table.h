// What the combiner holds per key of one binding: an open-addressing hash table whose entries stand
// in the table itself, each with a tail of fixed size behind it. With many keys most of the time
// goes into waiting for memory, so a lookup touches one place and nothing else.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "document/pages.h"
#include "document/pins.h"
#include "json/value.h"

namespace weir::document {

// One more document of a key, in order of arrival.
struct ChainLink {
  DocumentRef document;
  ChainLink* next = nullptr;
};

// Exactly one cache line. All bytes zero is a free place.
struct alignas(64) Entry {
  DocumentRef document;  // the first right-hand one; of a last-write-wins binding the last; text
                         // nullptr: none yet
  // One of these is used: `values` in last-write-wins bindings, else `plan` if in_program, else
  // `chain`.
  union {
    struct {
      ChainLink* first;
      ChainLink* last;
    } chain;  // what followed `document`
    struct {
      char* text;
      std::uint32_t size;
      std::uint32_t capacity;
    } values;  // packed columns of `document`
    struct {
      std::uint64_t layout;          // of `document`, the template of the result
      std::uint32_t owned_capacity;  // of a template that was written here
    } plan;
  };
  const DocumentRef* front = nullptr;  // what was loaded
  std::uint32_t links = 0;             // length of the chain
  std::uint8_t links_shift = 0;  // the chain is due to be joined when it is 2^links_shift long
  bool in_program = false;
  bool merged = false;  // in_program, and more than one document went into the slots

  bool is_free() const { return key_size_plus_ == 0; }
  std::string_view key() const {
    const std::size_t size = key_size_plus_ - 1;
    return {size <= sizeof(key_) ? key_ : kept_key(), size};
  }

 private:
  friend class KeyTable;
  const char* kept_key() const {
    const char* kept = nullptr;
    std::memcpy(&kept, key_, sizeof(kept));
    return kept;
  }
  std::uint32_t key_size_plus_ = 0;
  char key_[12];  // the key; or where a longer one is, and part of its hash
};
static_assert(sizeof(Entry) == 64);

class KeyTable {
 public:
  // `tail_bytes` stand behind every entry, zeroed when it is new.
  explicit KeyTable(std::size_t tail_bytes = 0);
  KeyTable(const KeyTable&) = delete;
  KeyTable& operator=(const KeyTable&) = delete;

  // The entry of a key; a new one if there is none. Valid until the next call. Keys of less than 4
  // GiB.
  Entry* find_or_add(std::string_view key, std::uint64_t hash);
  // Says that find_or_add() will be called with this hash soon: its memory is fetched meanwhile.
  void expect(std::uint64_t hash) const {
    if (places_ == 0) return;
    const char* const at = pages_.data() + home(hash) * stride_;
    __builtin_prefetch(at, 1);
    if (stride_ > sizeof(Entry)) __builtin_prefetch(at + sizeof(Entry), 1);
    asm volatile("" : : "r"(at));  // g++ 12 takes a function of prefetches for one of no effect
  }
  std::size_t size() const { return count_; }
  static char* tail_of(Entry& entry) { return reinterpret_cast<char*>(&entry) + sizeof(Entry); }
  template <typename Visit>
  void for_each(Visit visit) {
    for (std::size_t i = 0; i < places_; ++i) {
      if (!place(i)->is_free()) visit(*place(i));
    }
  }
  // Pointers to all entries, ascending by key; valid until the next find_or_add().
  std::vector<Entry*> sorted();

  // For what entries point to; freed by clear() only.
  json::Arena& arena() { return arena_; }
  std::size_t memory_used() const { return pages_.size() + arena_.bytes_used(); }
  void clear();

 private:
  Entry* place(std::size_t i) const {
    return reinterpret_cast<Entry*>(pages_.data() + i * stride_);
  }
  std::size_t home(std::uint64_t hash) const { return (hash >> 32) * places_ >> 32; }
  Entry* add(std::size_t at, std::string_view key, std::uint64_t hash);
  void grow();

  const std::size_t stride_;
  Pages pages_;
  std::size_t places_ = 0;
  std::size_t count_ = 0;
  json::Arena arena_;
};

// As find_or_add() wants it.
std::uint64_t hash_key(std::string_view key);

}  // namespace weir::document
