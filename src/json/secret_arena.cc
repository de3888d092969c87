#include "json/secret_arena.h"

#include <algorithm>

#include "base/secret_text.h"

namespace weir::json {
namespace {

// The most that a byte of text becomes: "1," is two of them, and its digit takes eight bytes and
// its Value 24.
constexpr std::size_t kGrowth = 16;
constexpr std::size_t kBlockBytesMin = 4096;  // below it an arena makes its blocks larger by itself

}  // namespace

Arena& SecretArena::reserve(std::size_t text_bytes) {
  WEIR_CHECK(arena_.bytes_used() == 0);
  size_ = std::max(text_bytes * kGrowth, kBlockBytesMin);
  block_ = static_cast<std::byte*>(arena_.allocate(size_));
  arena_.reset();
  return arena_;
}

SecretArena::~SecretArena() {
  if (block_ == nullptr) return;
  const std::size_t used = std::min(arena_.bytes_used(), size_);
  wipe(block_, used);
}

}  // namespace weir::json
