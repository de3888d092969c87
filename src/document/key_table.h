// What the combiner holds per key of one binding: an open-addressing hash table from packed key to
// entry, and the memory that entries use. Entries keep their address until clear().
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "document/pins.h"
#include "json/value.h"

namespace weir::document {

// One more document of a key, in order of arrival.
struct ChainLink {
  DocumentRef document;
  ChainLink* next = nullptr;
};

struct Entry {
  const char* key = nullptr;
  std::uint32_t key_size = 0;
  std::uint32_t hash = 0;
  DocumentRef document;  // the first right-hand one; of a last-write-wins binding the last; text
                         // nullptr: none yet
  DocumentRef front;     // what was loaded; text nullptr: nothing was
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
      std::uint32_t slots;           // their number, if merged
      std::uint32_t owned_capacity;  // of a template that was written here
    } plan;
  };
  std::uint32_t links = 0;      // length of the chain
  std::uint32_t links_max = 0;  // where the chain is due to be joined again
  bool in_program = false;
  bool merged = false;  // in_program, and more than one document went into the slots

  Entry() : chain{nullptr, nullptr} {}
  std::string_view key_view() const { return {key, key_size}; }
};

class KeyTable {
 public:
  KeyTable();
  // The entry of a key; a new one if there is none (*added). Keys of up to 4 GiB, 2^31 entries.
  Entry* find_or_add(std::string_view key, std::uint64_t hash, bool* added);
  std::size_t size() const { return count_; }
  Entry& at(std::size_t i) { return chunks_[i / kChunk][i % kChunk]; }

  // Pointers to all entries, ascending by key.
  std::vector<Entry*> sorted();

  json::Arena& arena() { return arena_; }  // freed by clear() only
  std::size_t memory_used() const;
  void clear();

 private:
  static constexpr std::size_t kChunk = 1024;
  struct Bucket {
    std::uint32_t hash = 0;
    std::uint32_t entry = 0;  // its number plus one; 0: empty
  };
  void grow();

  std::vector<Bucket> buckets_;
  std::vector<std::unique_ptr<Entry[]>> chunks_;
  std::size_t count_ = 0;
  json::Arena arena_;
};

}  // namespace weir::document
