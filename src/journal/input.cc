#include "journal/input.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace weir::journal {
namespace {

constexpr std::size_t kInputBytes = 256u << 10;  // asked for at once
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

enum : std::uint8_t { kOther, kQuote, kBackslash, kOpen, kClose, kNewline };

// What a byte means outside of strings; inside, only the first two and the newline are looked at.
constexpr std::array<std::uint8_t, 256> kMeaning = [] {
  std::array<std::uint8_t, 256> table{};
  table['"'] = kQuote;
  table['\\'] = kBackslash;
  table['{'] = table['['] = kOpen;
  table['}'] = table[']'] = kClose;
  table['\n'] = kNewline;
  return table;
}();

// Follows one document from its opening brace; may be fed piece by piece.
struct Extent {
  std::size_t depth = 0;
  bool in_string = false;
  bool escaped = false;
  std::uint64_t newlines = 0;
  std::size_t after_newline = 0;  // index behind the last one

  // The index behind the closing brace, or npos if the text ends before it.
  std::size_t follow(std::string_view text, std::size_t at) {
    for (; at < text.size(); ++at) {
      const std::uint8_t meaning = kMeaning[static_cast<unsigned char>(text[at])];
      if (escaped) {
        escaped = false;
      } else if (meaning == kOther) {
        continue;
      } else if (meaning == kNewline) {
        ++newlines;
        after_newline = at + 1;
      } else if (in_string) {
        if (meaning == kQuote) in_string = false;
        if (meaning == kBackslash) escaped = true;
      } else if (meaning == kQuote) {
        in_string = true;
      } else if (meaning == kOpen) {
        ++depth;
      } else if (meaning == kClose && --depth == 0) {
        return at + 1;
      }
    }
    return std::string_view::npos;
  }
};

}  // namespace

ByteSource source_of(std::string_view text) {
  return [text, at = std::size_t{0}](std::span<char> out) mutable -> Result<std::size_t> {
    const std::size_t length = std::min(out.size(), text.size() - at);
    std::memcpy(out.data(), text.data() + at, length);
    at += length;
    return length;
  };
}

InputReader::InputReader(const ByteSource& source, std::string name)
    : source_(source), name_(std::move(name)) {}

Error InputReader::at(std::uint64_t line, std::uint64_t column, Error problem) const {
  return with_context(fmt::format("{}:{}:{}", name_, line, column), std::move(problem));
}

// An error of the source: with a place of its own, or none.
Error InputReader::named(Error problem) const {
  const std::string& text = problem.message;
  const bool placed = !text.empty() && text[0] >= '0' && text[0] <= '9';
  problem.message = fmt::format("{}:{}{}", name_, placed ? "" : " ", text);
  return problem;
}

// More bytes into the buffer; false at the end of the input.
Result<bool> InputReader::fill() {
  if (ended_) return false;
  piece_.resize(kInputBytes);
  auto length = source_(piece_);
  if (!length) return tl::unexpected(named(std::move(length).error()));
  buffer_.append(piece_, 0, *length);
  ended_ = *length == 0;
  return !ended_;
}

void InputReader::drop_consumed() {
  if (at_ < kInputBytes && at_ < buffer_.size()) return;
  buffer_.erase(0, at_);
  at_ = 0;
}

Status InputReader::skip_space() {
  for (;;) {
    for (; at_ < buffer_.size(); ++at_) {
      const char c = buffer_[at_];
      if (c == '\n') {
        ++line_;
        column_ = 1;
      } else if (c == ' ' || c == '\t' || c == '\r') {
        ++column_;
      } else {
        return {};
      }
    }
    drop_consumed();
    WEIR_TRY(const bool more, fill());
    if (!more) return {};
  }
}

Result<std::optional<InputDocument>> InputReader::next() {
  drop_consumed();
  if (!begun_) {
    begun_ = true;
    while (buffer_.size() < kByteOrderMark.size()) {
      WEIR_TRY(const bool more, fill());
      if (!more) break;
    }
    if (buffer_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
  }
  WEIR_RETURN_IF_ERROR(skip_space());
  if (at_ == buffer_.size()) return std::nullopt;
  if (buffer_[at_] != '{') {
    const bool array = buffer_[at_] == '[';
    return tl::unexpected(at(
        line_, column_,
        Error{Code::kInvalid, array ? "a document is an object; an array of them is taken apart by "
                                      "jq -c '.[]', for one"
                                    : "a document is an object and begins with {"}));
  }
  Extent extent;
  const std::size_t begin = at_;
  std::size_t end = extent.follow(buffer_, begin);
  while (end == std::string_view::npos) {
    const std::size_t seen = buffer_.size();
    if (seen - begin > kDocumentBytesMax)
      return tl::unexpected(at(
          line_, column_,
          Error{Code::kLimit, fmt::format("a document of more than {} bytes", kDocumentBytesMax)}));
    WEIR_TRY(const bool more, fill());
    if (!more)
      return tl::unexpected(
          at(line_, column_, Error{Code::kInvalid, "the document that begins here does not end"}));
    end = extent.follow(buffer_, seen);
  }
  InputDocument document{std::string_view(buffer_).substr(begin, end - begin), line_, column_,
                         extent.newlines > 0};
  if (document.text.size() > kDocumentBytesMax)
    return tl::unexpected(
        at(line_, column_,
           Error{Code::kLimit, fmt::format("a document of {} bytes; {} are possible",
                                           document.text.size(), kDocumentBytesMax)}));
  line_ += extent.newlines;
  column_ = extent.newlines > 0 ? end - extent.after_newline + 1 : column_ + (end - begin);
  at_ = end;
  return document;
}

}  // namespace weir::journal
