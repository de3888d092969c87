#include "app/post_body.h"

#include <algorithm>

#include "base/text.h"
#include "journal/document_source.h"

namespace weir::app {

bool knows_encoding(std::string_view content_encoding) {
  return content_encoding.empty() || content_encoding == "identity" || content_encoding == "gzip" ||
         content_encoding == "zstd";
}

Result<bool> says_csv(std::string_view content_type) {
  std::string said;
  for (const char c : content_type) {
    if (c >= 'A' && c <= 'Z')
      said += static_cast<char>(c - 'A' + 'a');
    else if (c != ' ' && c != '\t')
      said += c;
  }
  const std::vector<std::string_view> parts = split(said, ';');
  if (parts.empty() || parts[0] != "text/csv") return false;
  if (std::find(parts.begin(), parts.end(), "header=absent") != parts.end())
    return error(Code::kInvalid,
                 "a table wants a header: its names become those of the documents' members");
  return true;
}

PostBody::PostBody(io::RequestBody& body, std::string_view content_encoding, journal::CsvTypes csv,
                   std::uint64_t plain_bytes_max)
    : body_(body), plain_bytes_max_(plain_bytes_max) {
  const auto compressed = [&body](std::span<char> out) { return body.read(out); };
  if (content_encoding == "gzip") decompressor_ = journal::gzip_decompressor(compressed);
  if (content_encoding == "zstd") decompressor_ = journal::zstandard_decompressor(compressed);
  journal::DocumentSourceOptions options;
  options.csv = std::move(csv);
  options.bytes_max = plain_bytes_max;
  // Its Content-Encoding has the word, and a stream inside of one would not be bounded.
  options.decompress = false;
  documents_ = journal::make_document_source(
      [this](std::span<char> out) { return read_plain(out); }, options);
}

journal::ByteSource PostBody::source() {
  return [this](std::span<char> out) {
    auto got = documents_(out);
    const bool blamed =
        !got && (got.error().code == Code::kInvalid || got.error().code == Code::kCorrupt ||
                 got.error().code == Code::kLimit);
    if (blamed) failure_ = got.error();
    return got;
  };
}

Result<std::size_t> PostBody::read_plain(std::span<char> out) {
  WEIR_TRY(const std::size_t length,
           decompressor_ != nullptr ? decompressor_->read(out) : body_.read(out));
  bytes_ += length;
  if (bytes_ <= plain_bytes_max_) return length;
  return error(Code::kLimit, "the body is longer than {} bytes once it is decompressed",
               plain_bytes_max_);
}

}  // namespace weir::app
