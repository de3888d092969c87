#include "json/host/ecma_pattern.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>

namespace weir::json {
namespace {

struct Alias {
  std::string_view ecma;
  std::string_view re2;
};

// Long names of general categories (ECMA-262, "Value aliases for General_Category").
constexpr Alias kCategories[] = {
    {"Other", "C"},
    {"Control", "Cc"},
    {"cntrl", "Cc"},
    {"Format", "Cf"},
    {"Private_Use", "Co"},
    {"Letter", "L"},
    {"Lowercase_Letter", "Ll"},
    {"Modifier_Letter", "Lm"},
    {"Other_Letter", "Lo"},
    {"Titlecase_Letter", "Lt"},
    {"Uppercase_Letter", "Lu"},
    {"Mark", "M"},
    {"Combining_Mark", "M"},
    {"Spacing_Mark", "Mc"},
    {"Enclosing_Mark", "Me"},
    {"Nonspacing_Mark", "Mn"},
    {"Number", "N"},
    {"Decimal_Number", "Nd"},
    {"digit", "Nd"},
    {"Letter_Number", "Nl"},
    {"Other_Number", "No"},
    {"Punctuation", "P"},
    {"punct", "P"},
    {"Connector_Punctuation", "Pc"},
    {"Dash_Punctuation", "Pd"},
    {"Close_Punctuation", "Pe"},
    {"Final_Punctuation", "Pf"},
    {"Initial_Punctuation", "Pi"},
    {"Other_Punctuation", "Po"},
    {"Open_Punctuation", "Ps"},
    {"Symbol", "S"},
    {"Currency_Symbol", "Sc"},
    {"Modifier_Symbol", "Sk"},
    {"Math_Symbol", "Sm"},
    {"Other_Symbol", "So"},
    {"Separator", "Z"},
    {"Line_Separator", "Zl"},
    {"Paragraph_Separator", "Zp"},
    {"Space_Separator", "Zs"},
};

// Binary properties that are ranges; RE2 has none of the others.
constexpr std::string_view kAny = "Any";

}  // namespace

std::vector<CodeRange> class_ranges(char letter) {
  const char lower = static_cast<char>(letter | 0x20);
  std::vector<CodeRange> ranges;
  if (lower == 'd') {
    ranges = {{'0', '9'}};
  } else if (lower == 'w') {
    ranges = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
  } else {
    ranges = {{0x09, 0x0D},     {0x20, 0x20},     {0xA0, 0xA0},     {0x1680, 0x1680},
              {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F},
              {0x3000, 0x3000}, {0xFEFF, 0xFEFF}};
  }
  if (lower == letter) return ranges;
  std::vector<CodeRange> others;
  std::uint32_t next = 0;
  for (const auto& [first, last] : ranges) {
    if (first > next) others.emplace_back(next, first - 1);
    next = last + 1;
  }
  others.emplace_back(next, kCodePointMax);
  return others;
}

void append_code_point(std::uint32_t code_point, std::string& out) {
  fmt::format_to(std::back_inserter(out), "\\x{{{:x}}}", code_point);
}

void append_ranges(const std::vector<CodeRange>& ranges, std::string& out) {
  for (const auto& [first, last] : ranges) {
    append_code_point(first, out);
    if (first == last) continue;
    out += '-';
    append_code_point(last, out);
  }
}

std::string_view re2_property(std::string_view ecma) {
  const std::size_t equals = ecma.find('=');
  const std::string_view name = ecma.substr(0, equals);
  if (equals != std::string_view::npos) {
    const std::string_view value = ecma.substr(equals + 1);
    const bool script = name == "Script" || name == "sc";
    if (script) return value.size() > 2 ? value : std::string_view();
    if (name != "General_Category" && name != "gc") return {};
    ecma = value;
  }
  for (const Alias& alias : kCategories) {
    if (alias.ecma == ecma) return alias.re2;
  }
  // Short names are RE2's own; a bare script name is none of ECMA's.
  return ecma.size() <= 2 || ecma == kAny ? ecma : std::string_view();
}

}  // namespace weir::json
