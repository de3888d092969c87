#include "app/post_body.h"

#include <algorithm>

#include "base/text.h"
#include "journal/document_source.h"

namespace weir::app {

namespace {

// In small letters, without blanks.
std::string folded(std::string_view header) {
  std::string out;
  for (const char c : header) {
    if (c >= 'A' && c <= 'Z')
      out += static_cast<char>(c - 'A' + 'a');
    else if (c != ' ' && c != '\t')
      out += c;
  }
  return out;
}

}  // namespace

std::optional<BodyEncoding> body_encoding(std::string_view content_encoding) {
  const std::string said = folded(content_encoding);
  if (said.empty() || said == "identity") return BodyEncoding::kPlain;
  if (said == "gzip" || said == "x-gzip") return BodyEncoding::kGzip;
  if (said == "zstd") return BodyEncoding::kZstd;
  return std::nullopt;
}

Result<bool> says_csv(std::string_view content_type) {
  const std::string said = folded(content_type);
  const std::vector<std::string_view> parts = split(said, ';');
  if (parts.empty() || parts[0] != "text/csv") return false;
  if (std::find(parts.begin(), parts.end(), "header=absent") != parts.end())
    return error(Code::kInvalid,
                 "a table wants a header: its names become those of the documents' members");
  return true;
}

PostBody::PostBody(io::RequestBody& body, BodyEncoding encoding, journal::CsvTypes csv,
                   std::uint64_t plain_bytes_max)
    : body_(body), plain_bytes_max_(plain_bytes_max) {
  const auto compressed = [&body](std::span<char> out) { return body.read(out); };
  if (encoding == BodyEncoding::kGzip) decompressor_ = journal::gzip_decompressor(compressed);
  if (encoding == BodyEncoding::kZstd) decompressor_ = journal::zstandard_decompressor(compressed);
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
