// The body of a post as `append` reads it: decompressed as its Content-Encoding says, and where it
// is one JSON array, with the array's own brackets and commas made blanks, so that its documents
// stay at their lines and columns.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "io/http_body.h"
#include "journal/append.h"
#include "journal/decompress.h"

namespace weir::app {

inline constexpr std::uint64_t kPlainBytesMax = 4ull << 30;  // of a body, decompressed

// Makes the brackets and commas of an array blanks, piece by piece; leaves other texts as they are.
// kInvalid, with line and column, where the array is none.
class ArrayMask {
 public:
  Status mask(std::span<char> piece);
  Status end() const;  // the text ends here

 private:
  enum class At { kBegin, kPlain, kFirst, kElement, kAfter, kNext, kDone };
  Status step(char& c);
  Status fail(std::string_view wanted) const;
  void follow(char c);

  At at_ = At::kBegin;
  std::size_t depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
  std::uint64_t line_ = 1;
  std::uint64_t column_ = 1;
};

class PostBody {
 public:
  static bool knows(std::string_view content_encoding);  // nothing, identity, gzip and zstd
  // One of those; `body` outlives this object.
  PostBody(io::RequestBody& body, std::string_view content_encoding);
  journal::ByteSource source();  // of this object, once
  // What the source failed with, if the body is to blame: kInvalid (no array), kCorrupt (badly
  // compressed) or kLimit.
  const std::optional<Error>& failure() const { return failure_; }

 private:
  Result<std::size_t> read(std::span<char> out);
  Result<std::size_t> blame(Error error);

  io::RequestBody& body_;
  std::unique_ptr<journal::Decompressor> decompressor_;  // nullptr: it is plain
  ArrayMask mask_;
  std::uint64_t bytes_ = 0;
  std::optional<Error> failure_;
};

}  // namespace weir::app
