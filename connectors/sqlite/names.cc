#include "connectors/sqlite/names.h"

namespace weir::sqlite {

namespace {

std::string doubled(std::string_view text, char mark) {
  std::string out(1, mark);
  for (const char c : text) {
    if (c == mark) out += mark;
    out += c;
  }
  return out += mark;
}

}  // namespace

std::string quoted(std::string_view name) {
  return doubled(name, '"');
}
std::string quoted_text(std::string_view text) {
  return doubled(text, '\'');
}

std::string folded(std::string_view name) {
  std::string out(name);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool same_name(std::string_view a, std::string_view b) {
  return folded(a) == folded(b);
}

}  // namespace weir::sqlite
