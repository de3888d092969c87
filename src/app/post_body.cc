#include "app/post_body.h"

namespace weir::app {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool is_mark(char c) {  // one of the three bytes of a byte order mark
  return c == '\xef' || c == '\xbb' || c == '\xbf';
}

}  // namespace

Status ArrayMask::fail(std::string_view wanted) const {
  return error(Code::kInvalid, "{}:{}: {}", line_, column_, wanted);
}

// Within an element: where does it end?
void ArrayMask::follow(char c) {
  if (in_string_) {
    if (escaped_) {
      escaped_ = false;
    } else if (c == '\\') {
      escaped_ = true;
    } else if (c == '"') {
      in_string_ = false;
    }
    return;
  }
  if (c == '"') in_string_ = true;
  if (c == '{' || c == '[') ++depth_;
  if ((c == '}' || c == ']') && depth_ > 0 && --depth_ == 0) at_ = At::kAfter;
}

Status ArrayMask::step(char& c) {
  if (at_ == At::kElement) {
    follow(c);
    return {};
  }
  if (is_blank(c)) return {};
  switch (at_) {
    case At::kBegin:
      if (is_mark(c)) return {};
      at_ = c == '[' ? At::kFirst : At::kPlain;
      if (c == '[') c = ' ';
      return {};
    case At::kFirst:
    case At::kNext:
      if (c == ']' && at_ == At::kFirst) {
        at_ = At::kDone;
        c = ' ';
        return {};
      }
      if (c != '{') return fail("a document of the array is an object and begins with {");
      at_ = At::kElement;
      follow(c);
      return {};
    case At::kAfter:
      if (c != ',' && c != ']') return fail("between the documents of an array stands a comma");
      at_ = c == ',' ? At::kNext : At::kDone;
      c = ' ';
      return {};
    case At::kDone: return fail("the array ended before, and something follows it");
    case At::kPlain:
    case At::kElement: return {};
  }
  return {};
}

Status ArrayMask::mask(std::span<char> piece) {
  for (char& c : piece) {
    if (at_ == At::kPlain) return {};
    const bool newline = c == '\n';
    WEIR_RETURN_IF_ERROR(step(c));
    column_ = newline ? 1 : column_ + 1;
    if (newline) ++line_;
  }
  return {};
}

Status ArrayMask::end() const {
  if (at_ == At::kBegin || at_ == At::kPlain || at_ == At::kDone) return {};
  return fail("the array does not end");
}

bool PostBody::knows(std::string_view content_encoding) {
  return content_encoding.empty() || content_encoding == "identity" || content_encoding == "gzip" ||
         content_encoding == "zstd";
}

PostBody::PostBody(io::RequestBody& body, std::string_view content_encoding) : body_(body) {
  const auto compressed = [&body](std::span<char> out) { return body.read(out); };
  if (content_encoding == "gzip") decompressor_ = journal::gzip_decompressor(compressed);
  if (content_encoding == "zstd") decompressor_ = journal::zstandard_decompressor(compressed);
}

journal::ByteSource PostBody::source() {
  return [this](std::span<char> out) { return read(out); };
}

Result<std::size_t> PostBody::blame(Error error) {
  failure_ = error;
  return tl::unexpected(std::move(error));
}

Result<std::size_t> PostBody::read(std::span<char> out) {
  auto got = decompressor_ != nullptr ? decompressor_->read(out) : body_.read(out);
  if (!got && got.error().code == Code::kCorrupt) return blame(std::move(got).error());
  if (!got) return got;
  bytes_ += *got;
  if (bytes_ > kPlainBytesMax)
    return blame(
        {Code::kLimit,
         fmt::format("the body is longer than {} bytes once it is decompressed", kPlainBytesMax)});
  const Status masked = *got == 0 ? mask_.end() : mask_.mask(out.first(*got));
  if (!masked) return blame(masked.error());
  return got;
}

}  // namespace weir::app
