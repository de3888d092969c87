// Scratch space of a combiner in memory.
#pragma once

#include <cstring>
#include <string>

#include "document/combiner.h"

namespace weir::testing {

class MemorySpill : public document::SpillFile {
 public:
  Status append(std::string_view bytes) override {
    bytes_.append(bytes);
    return {};
  }
  Status read(std::uint64_t offset, std::span<char> out) override {
    if (offset + out.size() > bytes_.size())
      return error(Code::kCorrupt, "read beyond the spill's end");
    std::memcpy(out.data(), bytes_.data() + offset, out.size());
    return {};
  }
  Status reset() override {
    bytes_.clear();
    return {};
  }

 private:
  std::string bytes_;
};

}  // namespace weir::testing
