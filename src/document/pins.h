// Keeps alive the buffers that documents point into, for as long as any of them is held, and knows
// what that costs.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "document/combiner.h"
#include "json/value.h"

namespace weir::document {

// A document that is held: its text and the buffer that it is in, or kOwned where the holder's own
// memory has it.
struct DocumentRef {
  static constexpr std::uint32_t kOwned = 0xffffffff;
  const char* text = nullptr;
  std::uint32_t size = 0;
  std::uint32_t pin = kOwned;

  std::string_view view() const { return {text, size}; }
};

// A copy in the arena with the room behind it that parsers want, and `spare` bytes more for what
// may replace it.
DocumentRef keep_document(json::Arena& arena, std::string_view text, std::size_t spare = 0);

class Pins {
 public:
  // The number of the buffer, for hold(). The buffer named last stays until another one is.
  std::uint32_t use(const Buffer& buffer) {
    if (current_ != kNone && pinned_[current_].buffer.get() == buffer.get()) return current_;
    return use_other(buffer);
  }
  void hold(const DocumentRef& document) {
    if (document.pin == DocumentRef::kOwned) return;
    ++pinned_[document.pin].documents;
    pinned_[document.pin].document_bytes += document.size;
  }
  void release(const DocumentRef& document) {
    if (document.pin == DocumentRef::kOwned) return;
    Pinned& pinned = pinned_[document.pin];
    pinned.document_bytes -= document.size;
    if (--pinned.documents == 0 && document.pin != current_) drop(document.pin);
  }
  // Is less than half of this buffer still held by documents?
  bool is_sparse(std::uint32_t pin) const {
    return pinned_[pin].document_bytes * 2 < pinned_[pin].bytes;
  }
  std::size_t bytes() const { return bytes_; }  // of all buffers kept alive, in full
  std::size_t wasted_bytes() const;  // what copying out of sparse buffers would give back
  void clear();

 private:
  static constexpr std::uint32_t kNone = 0xffffffff;
  struct Pinned {
    Buffer buffer;
    std::size_t bytes = 0;
    std::size_t document_bytes = 0;
    std::uint32_t documents = 0;
  };
  std::uint32_t use_other(const Buffer& buffer);
  void drop(std::uint32_t pin);

  std::vector<Pinned> pinned_;
  std::vector<std::uint32_t> free_;
  std::unordered_map<const std::string*, std::uint32_t> by_address_;
  std::uint32_t current_ = kNone;
  std::size_t bytes_ = 0;
};

}  // namespace weir::document
