#include "io/wiping_memory.h"

#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/planted.h"

namespace weir::io {

void* wiping_malloc(std::size_t size) {
  return std::malloc(size);
}

void* wiping_calloc(std::size_t count, std::size_t size) {
  return std::calloc(count, size);
}

// Never in place: where realloc() moves a block, it leaves the old one as it was.
void* wiping_realloc(void* block, std::size_t size) {
  void* moved = std::malloc(size);
  if (moved == nullptr || block == nullptr) return moved;
  std::memcpy(moved, block, std::min(size, ::malloc_usable_size(block)));
  wiping_free(block);
  return moved;
}

char* wiping_strdup(const char* text) {
  const std::size_t size = std::strlen(text) + 1;
  auto* copy = static_cast<char*>(std::malloc(size));
  if (copy != nullptr) std::memcpy(copy, text, size);
  return copy;
}

void wiping_free(void* block) {
  if (block == nullptr) return;
  if (!planted(Bug::kNothingIsWiped)) ::explicit_bzero(block, ::malloc_usable_size(block));
  std::free(block);
}

}  // namespace weir::io
