#include "protocol/spec.h"

#include <fmt/core.h>

#include <algorithm>

namespace weir::protocol {
namespace {

// Letters and digits of Unicode stay as they are. Knowing the classes of all code points would need
// a table of a few kilobytes; the ranges below are those in which practically all letters lie, and
// what is outside is percent-encoded.
struct Range {
  char32_t first, last;
};
constexpr Range kLetterRanges[] = {
    {U'0', U'9'},     {U'A', U'Z'},     {U'a', U'z'},     {0x00AA, 0x00AA}, {0x00B2, 0x00B3},
    {0x00B5, 0x00B5}, {0x00B9, 0x00BA}, {0x00BC, 0x00BE}, {0x00C0, 0x00D6}, {0x00D8, 0x00F6},
    {0x00F8, 0x02C1}, {0x02C6, 0x02D1}, {0x02E0, 0x02E4}, {0x0370, 0x0374}, {0x0376, 0x0377},
    {0x037A, 0x037D}, {0x037F, 0x037F}, {0x0386, 0x0386}, {0x0388, 0x03F5}, {0x03F7, 0x0481},
    {0x048A, 0x0556}, {0x0561, 0x0587}, {0x05D0, 0x05EA}, {0x0620, 0x064A}, {0x0660, 0x0669},
    {0x0671, 0x06D3}, {0x0904, 0x0939}, {0x0E01, 0x0E30}, {0x10A0, 0x10FF}, {0x1100, 0x1248},
    {0x1E00, 0x1FBC}, {0x2C00, 0x2CE4}, {0x3041, 0x3096}, {0x30A1, 0x30FA}, {0x3105, 0x312F},
    {0x3131, 0x318E}, {0x3400, 0x4DBF}, {0x4E00, 0xA48C}, {0xAC00, 0xD7A3}, {0xF900, 0xFAD9},
    {0xFF10, 0xFF19}, {0xFF21, 0xFF3A}, {0xFF41, 0xFF5A}, {0xFF66, 0xFFDC}, {0x20000, 0x3134A},
};

bool is_alphanumeric(char32_t c) {
  return std::any_of(std::begin(kLetterRanges), std::end(kLetterRanges),
                     [c](const Range& range) { return c >= range.first && c <= range.last; });
}

struct CodePoint {
  char32_t value = 0xFFFD;
  std::size_t bytes = 1;
};

CodePoint decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  const std::size_t length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (length == 1) return {first, 1};
  if (length > text.size() || first < 0xC2) return {};
  char32_t value = first & (0x7F >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    value = value << 6 | (byte(i) & 0x3F);
  }
  return {value, length};
}

}  // namespace

const Projection* CollectionSpec::find_projection(std::string_view field) const {
  const auto it =
      std::lower_bound(projections.begin(), projections.end(), field,
                       [](const Projection& p, std::string_view f) { return p.field < f; });
  return it != projections.end() && it->field == field ? &*it : nullptr;
}

std::string state_key(const std::vector<std::string>& resource_path, std::uint32_t backfill) {
  std::string joined;
  for (std::size_t i = 0; i < resource_path.size(); ++i) {
    if (i > 0) joined += '/';
    joined += resource_path[i];
  }
  std::string out;
  constexpr std::string_view kKept = "-_+.=";
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (std::string_view rest = joined; !rest.empty();) {
    const CodePoint point = decode(rest);
    const std::string_view bytes = rest.substr(0, point.bytes);
    rest.remove_prefix(point.bytes);
    if (is_alphanumeric(point.value) || (bytes.size() == 1 && kKept.find(bytes[0]) != kKept.npos)) {
      out += bytes;
      continue;
    }
    for (const char c : bytes) {
      out += '%';
      out += kHex[static_cast<unsigned char>(c) >> 4];
      out += kHex[static_cast<unsigned char>(c) & 15];
    }
  }
  if (backfill != 0) out += fmt::format(".v{}", backfill);
  return out;
}

std::string source_key(std::string_view journal, std::string_view read_suffix) {
  return fmt::format("{};{}", journal, read_suffix);
}

}  // namespace weir::protocol
