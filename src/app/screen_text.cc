#include "app/screen_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace weir::app {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// Marks that are drawn onto the character before them, and characters that are not drawn.
constexpr Range kNoColumn[] = {
    {0x0300, 0x036f}, {0x0483, 0x0489},  {0x0591, 0x05bd}, {0x0610, 0x061a}, {0x064b, 0x065f},
    {0x0e34, 0x0e3a}, {0x0e47, 0x0e4e},  {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200f},
    {0x202a, 0x202e}, {0x2060, 0x2064},  {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
    {0xfeff, 0xfeff}, {0xe0100, 0xe01ef}};
// East Asian wide and full-width characters, and pictures.
constexpr Range kTwoColumns[] = {{0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0x33ff},
                                 {0x3400, 0x4dbf},   {0x4e00, 0x9fff},   {0xa000, 0xa4cf},
                                 {0xa960, 0xa97f},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},
                                 {0xfe10, 0xfe19},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},
                                 {0xffe0, 0xffe6},   {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff},
                                 {0x1f900, 0x1f9ff}, {0x1fa70, 0x1faff}, {0x20000, 0x3fffd}};

template <std::size_t n>
bool within(const Range (&ranges)[n], char32_t c) {
  const Range* found =
      std::upper_bound(std::begin(ranges), std::end(ranges), c,
                       [](char32_t value, const Range& range) { return value <= range.last; });
  return found != std::end(ranges) && c >= found->first;
}

std::size_t columns_of(char32_t c) {
  if (within(kNoColumn, c)) return 0;
  return within(kTwoColumns, c) ? 2 : 1;
}

struct Character {
  char32_t code = 0;
  std::size_t bytes = 0;  // 0: no UTF-8
};

Character first_of(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return {lead, 1};
  const std::size_t bytes = lead >= 0xf0 && lead < 0xf5   ? 4
                            : lead >= 0xe0 && lead < 0xf0 ? 3
                            : lead >= 0xc2 && lead < 0xe0 ? 2
                                                          : 0;
  if (bytes == 0 || text.size() < bytes) return {};
  char32_t code = lead & (0x7f >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xc0) != 0x80) return {};
    code = (code << 6) | (byte & 0x3f);
  }
  return {code, bytes};
}

}  // namespace

std::size_t screen_columns(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const Character next = first_of(text);
    columns += next.bytes == 0 ? 1 : columns_of(next.code);
    text.remove_prefix(std::max<std::size_t>(next.bytes, 1));
  }
  return columns;
}

std::string cut_to_columns(std::string_view text, std::size_t columns) {
  if (screen_columns(text) <= columns) return std::string(text);
  if (columns == 0) return {};
  std::size_t used = 0;
  std::size_t end = 0;
  while (end < text.size()) {
    const Character next = first_of(text.substr(end));
    const std::size_t more = next.bytes == 0 ? 1 : columns_of(next.code);
    if (used + more > columns - 1) break;
    used += more;
    end += std::max<std::size_t>(next.bytes, 1);
  }
  return std::string(text.substr(0, end)) + "…";
}

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const Character next = first_of(text);
    const bool control =
        (next.code < 0x20 && next.code != '\n') || (next.code >= 0x7f && next.code < 0xa0);
    if (next.bytes == 0 || control) {
      out += '?';
    } else {
      out += text.substr(0, next.bytes);
    }
    text.remove_prefix(std::max<std::size_t>(next.bytes, 1));
  }
  return out;
}

std::string short_count(double count) {
  constexpr std::string_view kUnits[] = {"", "k", "M", "G", "T"};
  std::size_t unit = 0;
  while (count >= 999.95 && unit + 1 < std::size(kUnits)) {
    count /= 1000;
    ++unit;
  }
  const bool whole =
      count >= 99.95 ||
      (unit == 0 && (count == static_cast<double>(static_cast<std::uint64_t>(count))));
  return whole ? fmt::format("{:.0f}{}", count, kUnits[unit])
               : fmt::format("{:.1f}{}", count, kUnits[unit]);
}

std::size_t drawn_columns(std::string_view line) {
  std::string plain;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\x1b') {
      while (i < line.size() && line[i] != 'm') ++i;
    } else {
      plain += line[i];
    }
  }
  return screen_columns(plain);
}

std::string short_bytes(std::uint64_t bytes) {
  constexpr std::string_view kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  double count = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (count >= 1023.95 && unit + 1 < std::size(kUnits)) {
    count /= 1024;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", count, kUnits[unit]);
}

std::string short_time(std::chrono::seconds time) {
  const auto seconds = time.count();
  if (seconds < 60) return fmt::format("{}s", seconds);
  if (seconds < 3600) return fmt::format("{}m{:02}s", seconds / 60, seconds % 60);
  if (seconds < 86400) return fmt::format("{}h{:02}m", seconds / 3600, seconds / 60 % 60);
  return fmt::format("{}d{:02}h", seconds / 86400, seconds / 3600 % 24);
}

}  // namespace weir::app
