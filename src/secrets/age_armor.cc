#include "secrets/age_armor.h"

#include "base/text.h"

namespace weir::secrets {
namespace {

constexpr std::size_t kLineBytes = kArmorColumns / 4 * 3;

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

}  // namespace

tl::unexpected<Error> ArmorReader::bad(std::string_view what) const {
  return error(Code::kCorrupt, "armored age file, line {}: {}", number_, what);
}

Status ArmorReader::write(std::string_view text) {
  for (const char c : text) WEIR_RETURN_IF_ERROR(take(c));
  return {};
}

Status ArmorReader::take(char c) {
  if (state_ == State::kBefore && line_.empty() && is_space(c)) {
    if (c == '\n') ++number_;
    return ++spaces_ > kArmorSpaceMax ? Status(bad("too much white space before the first line"))
                                      : Status();
  }
  if (state_ == State::kAfter) {
    return is_space(c) ? Status() : Status(bad("something stands behind the last line"));
  }
  if (c != '\n') {
    if (line_.size() > kArmorColumns) return bad("the line is too long");
    line_ += c;
    return {};
  }
  if (line_.ends_with('\r')) line_.pop_back();
  WEIR_RETURN_IF_ERROR(line());
  line_.clear();
  ++number_;
  return {};
}

Status ArmorReader::line() {
  if (state_ == State::kBefore) {
    if (line_ != kArmorBegin) return bad("this is not the first line of an armored age file");
    state_ = State::kBody;
    return {};
  }
  if (line_ == kArmorEnd) {
    state_ = State::kAfter;
    return {};
  }
  if (state_ == State::kLastLine) return bad("a short line must be the last one");
  return body_line();
}

Status ArmorReader::body_line() {
  if (line_.empty()) return bad("an empty line");
  if (line_.size() > kArmorColumns) return bad("the line is too long");
  const auto bytes = from_base64(line_);
  if (!bytes) return bad("no canonical Base64");
  if (line_.size() < kArmorColumns || line_.ends_with('=')) state_ = State::kLastLine;
  return sink_(*bytes);
}

Status ArmorReader::finish() {
  if (!line_.empty() && state_ != State::kAfter) {
    // The last line may do without a line end.
    const std::string_view last =
        line_.ends_with('\r') ? std::string_view(line_).substr(0, line_.size() - 1) : line_;
    if (last == kArmorEnd && state_ != State::kBefore) state_ = State::kAfter;
  }
  if (state_ != State::kAfter) return bad("the file ends too early");
  return {};
}

Status ArmorWriter::begin() {
  if (begun_) return {};
  begun_ = true;
  return sink_(std::string(kArmorBegin) + "\n");
}

Status ArmorWriter::write(std::string_view bytes) {
  WEIR_RETURN_IF_ERROR(begin());
  pending_ += bytes;
  std::string text;
  std::size_t at = 0;
  for (; pending_.size() - at >= kLineBytes; at += kLineBytes) {
    text += base64(std::string_view(pending_).substr(at, kLineBytes));
    text += '\n';
  }
  pending_.erase(0, at);
  return text.empty() ? Status() : sink_(text);
}

Status ArmorWriter::finish() {
  WEIR_RETURN_IF_ERROR(begin());
  std::string text;
  if (!pending_.empty()) text = base64(pending_) + "\n";
  text += kArmorEnd;
  text += '\n';
  return sink_(text);
}

}  // namespace weir::secrets
