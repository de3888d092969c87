#include "tests/cli/screen.h"

#include <wchar.h>

#include <algorithm>
#include <clocale>
#include <cstdlib>

namespace weir::cli {
namespace {

// Columns as the C library knows them: not the table of the program.
int columns_of(char32_t code) {
  static const bool set = std::setlocale(LC_CTYPE, "C.UTF-8") != nullptr;
  (void)set;
  return ::wcwidth(static_cast<wchar_t>(code));
}

std::size_t bytes_of(unsigned char lead) {
  return lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
}

char32_t code_of(std::string_view character) {
  if (character.size() == 1) return static_cast<unsigned char>(character[0]);
  char32_t code = static_cast<unsigned char>(character[0]) & (0x7f >> character.size());
  for (std::size_t i = 1; i < character.size(); ++i)
    code = (code << 6) | (static_cast<unsigned char>(character[i]) & 0x3f);
  return code;
}

}  // namespace

Screen::Screen(std::size_t columns, std::size_t rows)
    : columns_(columns), rows_(rows, Row(columns, " ")) {}

void Screen::write(std::string_view bytes) {
  pending_ += bytes;
  std::size_t at = 0;
  while (at < pending_.size()) {
    const auto byte = static_cast<unsigned char>(pending_[at]);
    if (byte == 0x1b) {
      if (pending_.size() - at < 2) break;
      if (pending_[at + 1] != '[') {
        unknown_.push_back(pending_.substr(at, 2));
        at += 2;
        continue;
      }
      std::size_t end = at + 2;
      while (end < pending_.size() && (pending_[end] < '@' || pending_[end] > '~')) ++end;
      if (end == pending_.size()) break;
      escape(std::string_view(pending_).substr(at + 2, end - at - 1));
      at = end + 1;
    } else if (byte == '\r') {
      column_ = 0;
      ++at;
    } else if (byte == '\n') {
      new_line();
      ++at;
    } else if (byte < 0x20 || byte == 0x7f) {
      unknown_.push_back(pending_.substr(at, 1));
      ++at;
    } else {
      const std::size_t size = bytes_of(byte);
      if (pending_.size() - at < size) break;
      const std::string_view character = std::string_view(pending_).substr(at, size);
      put(character, columns_of(code_of(character)));
      at += size;
    }
  }
  pending_.erase(0, at);
}

void Screen::put(std::string_view character, int columns) {
  if (columns <= 0) {
    if (column_ > 0) rows_[row_][column_ - 1] += character;
    return;
  }
  const auto width = static_cast<std::size_t>(columns);
  if (column_ + width > columns_) {
    column_ = 0;
    new_line();
  }
  rows_[row_][column_] = character;
  if (width == 2) rows_[row_][column_ + 1] = "";
  column_ += width;
}

void Screen::new_line() {
  if (row_ + 1 < rows_.size()) {
    ++row_;
    return;
  }
  scrolled_ += text_of(rows_.front()) + "\n";
  rows_.erase(rows_.begin());
  rows_.emplace_back(columns_, " ");
}

void Screen::escape(std::string_view sequence) {
  const char what = sequence.back();
  const std::string digits(sequence.substr(0, sequence.size() - 1));
  const std::size_t number = digits.empty() ? 0 : std::strtoul(digits.c_str(), nullptr, 10);
  switch (what) {
    case 'm': coloured_ = coloured_ || number != 0; return;
    case 'A': row_ -= std::min(row_, std::max<std::size_t>(number, 1)); return;
    case 'K':
      std::fill(rows_[row_].begin() + static_cast<std::ptrdiff_t>(std::min(column_, columns_)),
                rows_[row_].end(), " ");
      return;
    case 'J':
      std::fill(rows_[row_].begin() + static_cast<std::ptrdiff_t>(std::min(column_, columns_)),
                rows_[row_].end(), " ");
      for (std::size_t row = row_ + 1; row < rows_.size(); ++row) rows_[row] = Row(columns_, " ");
      return;
    default: unknown_.push_back("[" + std::string(sequence));
  }
}

std::string Screen::text_of(const Row& row) const {
  std::string text;
  for (const std::string& cell : row) text += cell;
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

std::vector<std::string> Screen::lines() const {
  std::vector<std::string> lines;
  for (const Row& row : rows_) lines.push_back(text_of(row));
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

std::string Screen::text() const {
  std::string text;
  for (const std::string& line : lines()) text += line + "\n";
  return text;
}

std::string Screen::all() const {
  return scrolled_ + text();
}

}  // namespace weir::cli
