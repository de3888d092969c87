#include "document/pages.h"

#include <sys/mman.h>

#include "base/check.h"

namespace weir::document {

Pages::Pages(std::size_t bytes) : size_(bytes) {
  if (bytes == 0) return;
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  WEIR_CHECK(memory != MAP_FAILED);  // as operator new would end
  data_ = static_cast<char*>(memory);
  // A wish; the result does not matter.
  constexpr std::size_t kWorthwhile = 4u << 20;
  if (bytes >= kWorthwhile) madvise(memory, bytes, MADV_HUGEPAGE);
}

Pages::~Pages() {
  if (data_ != nullptr) munmap(data_, size_);
}

}  // namespace weir::document
