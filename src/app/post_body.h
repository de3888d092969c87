// The body of a post as `append` reads it: made plain as its Content-Encoding says, and taken apart
// as journal/document_source.h says. Its first byte tells documents from an array of them; a table
// is only what says so by its Content-Type.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "io/http_body.h"
#include "journal/append.h"
#include "journal/csv.h"
#include "journal/decompress.h"

namespace weir::app {

// Of a body, decompressed; and of the documents that are made of a table.
inline constexpr std::uint64_t kPlainBytesMax = 4ull << 30;

enum class BodyEncoding { kPlain, kGzip, kZstd };
// Nothing or identity, gzip or x-gzip, zstd, in letters of any case; nullopt for others.
std::optional<BodyEncoding> body_encoding(std::string_view content_encoding);
// text/csv, whatever its parameters. kInvalid: they say that the first row is no header.
Result<bool> says_csv(std::string_view content_type);

class PostBody {
 public:
  // Without `csv` a table is refused like any other text. `body` outlives this object.
  PostBody(io::RequestBody& body, BodyEncoding encoding, journal::CsvTypes csv,
           std::uint64_t plain_bytes_max = kPlainBytesMax);
  PostBody(const PostBody&) = delete;
  PostBody& operator=(const PostBody&) = delete;

  journal::ByteSource source();  // of this object, once
  // What the source failed with, if the body is to blame: kInvalid (no array, no table), kCorrupt
  // (badly compressed) or kLimit.
  const std::optional<Error>& failure() const { return failure_; }

 private:
  Result<std::size_t> read_plain(std::span<char> out);

  io::RequestBody& body_;
  const std::uint64_t plain_bytes_max_;
  std::unique_ptr<journal::Decompressor> decompressor_;  // nullptr: it is plain
  journal::ByteSource documents_;
  std::uint64_t bytes_ = 0;
  std::optional<Error> failure_;
};

}  // namespace weir::app
