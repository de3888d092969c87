#include "journal/line.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>

namespace weir::journal {
namespace {

constexpr std::string_view kUsualStart = R"({"_meta":{"uuid":")";
constexpr std::size_t kUuidBytes = 36;
constexpr std::string_view kBatchMark = R"(","ack":true,"batch":")";
constexpr std::size_t kDigestBytes = 32;

// Walks a text once, by index. Every method leaves at_ behind what it read, or returns false.
class Walker {
 public:
  explicit Walker(std::string_view text) : text_(text) {}

  MetaPlaces walk() {
    MetaPlaces found;
    space();
    found.begin = at_;
    found.is_object = object(found, Level::kRoot, &found.empty);
    space();
    if (at_ != text_.size()) found.is_object = false;
    return found.is_object ? found : MetaPlaces{};
  }

 private:
  enum class Level { kRoot, kMeta };

  bool object(MetaPlaces& found, Level level, bool* empty) {
    if (!take('{')) return false;
    space();
    *empty = take('}');
    if (*empty) return true;
    for (;;) {
      space();
      std::string_view name;
      if (!string(&name)) return false;
      space();
      if (!take(':')) return false;
      space();
      if (!member(found, level, name)) return false;
      space();
      if (take('}')) return true;
      if (!take(',')) return false;
    }
  }

  bool member(MetaPlaces& found, Level level, std::string_view name) {
    if (level == Level::kRoot && is_name(name, "_meta")) {
      found.meta = at_;
      found.meta_is_object = at_ < text_.size() && text_[at_] == '{';
      found.uuid = kNowhere;
      found.uuid_text = {};
      return found.meta_is_object ? object(found, Level::kMeta, &found.meta_empty) : value();
    }
    if (level == Level::kMeta && is_name(name, "uuid")) {
      found.uuid = at_;
      found.uuid_text = {};
      if (at_ < text_.size() && text_[at_] == '"') return string(&found.uuid_text);
    }
    return value();
  }

  // Names may be escaped; none of ours needs it, but it is the same name.
  static bool is_name(std::string_view raw, std::string_view name) {
    if (raw == name) return true;
    if (raw.find('\\') == std::string_view::npos) return false;
    std::string plain;
    for (std::size_t i = 0; i < raw.size(); ++i) {
      if (raw[i] != '\\') {
        plain += raw[i];
        continue;
      }
      // Only \u00xx can stand for a letter or an underscore.
      if (raw.substr(i, 4) != "\\u00" || i + 6 > raw.size()) return false;
      const auto digit = [](char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; };
      plain += static_cast<char>(digit(raw[i + 4]) * 16 + digit(raw[i + 5]));
      i += 5;
    }
    return plain == name;
  }

  bool value() {
    std::size_t depth = 0;
    do {
      space();
      if (at_ == text_.size()) return false;
      const char c = text_[at_];
      if (c == '"') {
        if (!string(nullptr)) return false;
      } else if (c == '{' || c == '[') {
        ++depth;
        ++at_;
      } else if (c == '}' || c == ']') {
        if (depth == 0) return false;
        --depth;
        ++at_;
      } else if (c == ',' || c == ':') {
        if (depth == 0) return false;
        ++at_;
      } else if (!scalar()) {
        return false;
      }
    } while (depth > 0);
    return true;
  }

  bool scalar() {
    const std::size_t begin = at_;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      const bool letter = (c >= 'a' && c <= 'z') || c == 'E';
      const bool number = (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.';
      if (!letter && !number) break;
      ++at_;
    }
    return at_ > begin;
  }

  bool string(std::string_view* inside) {
    if (!take('"')) return false;
    const std::size_t begin = at_;
    for (;;) {
      skip_plain();
      if (at_ == text_.size()) return false;
      const char c = text_[at_];
      if (c == '"') break;
      if (c != '\\' || at_ + 1 == text_.size()) return false;
      at_ += 2;
    }
    if (inside != nullptr) *inside = text_.substr(begin, at_ - begin);
    ++at_;
    return true;
  }

  // To the next quote, backslash or control character: eight bytes at a time, a bit set in each
  // byte that is one. Only bits above the lowest one set can be wrong.
  void skip_plain() {
    constexpr std::uint64_t kEach = 0x0101010101010101;
    constexpr std::uint64_t kHigh = kEach * 0x80;
    while (text_.size() - at_ >= sizeof(std::uint64_t)) {
      std::uint64_t word;
      std::memcpy(&word, text_.data() + at_, sizeof word);
      if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
      const std::uint64_t quotes = word ^ kEach * '"';
      const std::uint64_t backslashes = word ^ kEach * '\\';
      const std::uint64_t found =
          (((quotes - kEach) & ~quotes) | ((backslashes - kEach) & ~backslashes) |
           ((word - kEach * 0x20) & ~word)) &
          kHigh;
      if (found != 0) {
        at_ += static_cast<std::size_t>(std::countr_zero(found)) / 8;
        return;
      }
      at_ += sizeof word;
    }
    while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\' &&
           static_cast<unsigned char>(text_[at_]) >= 0x20)
      ++at_;
  }

  void space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
      ++at_;
  }

  bool take(char c) {
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

LineKind inspect_line(std::string_view line, document::Uuid& uuid) {
  constexpr std::size_t kUsualBytes = kUsualStart.size() + kUuidBytes;
  if (line.size() > kUsualBytes + 2 && line.starts_with(kUsualStart) && line.back() == '}' &&
      line[kUsualBytes] == '"') {
    if (const auto found = document::parse_uuid(line.substr(kUsualStart.size(), kUuidBytes))) {
      uuid = *found;
      return LineKind::kUuid;
    }
  }
  const MetaPlaces places = find_meta(line);
  if (!places.is_object) return LineKind::kUnreadable;
  const auto found = document::parse_uuid(places.uuid_text);
  if (!found) return LineKind::kPlain;
  uuid = *found;
  return LineKind::kUuid;
}

MetaPlaces find_meta(std::string_view text) {
  return Walker(text).walk();
}

std::string_view batch_digest_of(std::string_view acknowledgement) {
  const std::size_t at = kUsualStart.size() + kUuidBytes;
  if (acknowledgement.size() != at + kBatchMark.size() + kDigestBytes + 3 ||
      acknowledgement.substr(at, kBatchMark.size()) != kBatchMark)
    return {};
  return acknowledgement.substr(at + kBatchMark.size(), kDigestBytes);
}

}  // namespace weir::journal
