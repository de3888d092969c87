// Streams of compressed bytes made plain, piece by piece, by zlib and zstd.
#pragma once

#include <functional>
#include <memory>
#include <span>

#include "base/result.h"

namespace weir::journal {

inline constexpr std::size_t kCompressedBytes = 128u << 10;  // read at once
inline constexpr int kZstandardWindowLogMax = 27;  // 128 MiB, what the format recommends as a limit

class Decompressor {
 public:
  virtual ~Decompressor() = default;
  // Fills `out`, less only at the end of the stream. kCorrupt: no such stream, or one that is cut
  // off.
  virtual Result<std::size_t> read(std::span<char> out) = 0;
};

// Gives the next compressed bytes; 0 at their end.
using CompressedSource = std::function<Result<std::size_t>(std::span<char> out)>;
std::unique_ptr<Decompressor> gzip_decompressor(
    CompressedSource source);  // also of several members
std::unique_ptr<Decompressor> zstandard_decompressor(
    CompressedSource source);  // also of several frames

}  // namespace weir::journal
