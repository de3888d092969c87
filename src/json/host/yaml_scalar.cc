#include "json/host/yaml_scalar.h"

#include <charconv>

#include "json/number.h"

namespace weir::json {
namespace {

constexpr std::string_view kTagPrefix = "tag:yaml.org,2002:";

template <std::size_t N>
bool one_of(std::string_view text, const std::string_view (&words)[N]) {
  for (const std::string_view word : words) {
    if (text == word) return true;
  }
  return false;
}

bool is_null(std::string_view text) {
  constexpr std::string_view kWords[] = {"", "~", "null", "Null", "NULL"};
  return one_of(text, kWords);
}

std::optional<bool> truth_of(std::string_view text) {
  constexpr std::string_view kTrue[] = {"true", "True", "TRUE"};
  constexpr std::string_view kFalse[] = {"false", "False", "FALSE"};
  if (one_of(text, kTrue)) return true;
  if (one_of(text, kFalse)) return false;
  return std::nullopt;
}

bool is_not_finite(std::string_view text) {
  constexpr std::string_view kNan[] = {".nan", ".NaN", ".NAN"};
  constexpr std::string_view kInf[] = {".inf", ".Inf", ".INF"};
  if (one_of(text, kNan)) return true;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  return one_of(text, kInf);
}

// The text of the JSON number, if the scalar is a number of the core schema.
std::optional<std::string> number_of(std::string_view text) {
  if (is_number_text(text)) return std::string(text);
  if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'o')) {
    std::uint64_t value = 0;
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data() + 2, end, value, text[1] == 'x' ? 16 : 8);
    if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
    return std::to_string(value);
  }
  // The forms beyond JSON: a plus sign, no digit on one side of the point.
  std::string json;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    if (text[0] == '-') json += '-';
    text.remove_prefix(1);
  }
  const std::size_t point = text.find('.');
  if (point == std::string_view::npos) {
    json += text;
  } else {
    const std::string_view whole = text.substr(0, point);
    const std::string_view rest = text.substr(point + 1);
    const bool fraction = !rest.empty() && rest[0] >= '0' && rest[0] <= '9';
    if (whole.empty() && !fraction) return std::nullopt;
    json += whole.empty() ? "0" : whole;
    json += fraction ? "." : ".0";
    json += rest;
  }
  if (!is_number_text(json)) return std::nullopt;
  return json;
}

}  // namespace

std::optional<YamlScalar> resolve_yaml_scalar(std::string_view tag, std::string_view text,
                                              std::string* problem) {
  YamlScalar scalar;
  scalar.text = text;
  if (tag == "!" || tag == "tag:yaml.org,2002:str") return scalar;
  const bool plain = tag == "?";
  const bool known = tag.starts_with(kTagPrefix);
  const std::string_view wanted = known ? tag.substr(kTagPrefix.size()) : std::string_view();
  if ((plain || wanted == "null") && is_null(text)) {
    scalar.kind = Kind::kNull;
    return scalar;
  }
  if (plain || wanted == "bool") {
    if (const auto truth = truth_of(text)) {
      scalar.kind = Kind::kBool;
      scalar.truth = *truth;
      return scalar;
    }
  }
  if (plain || wanted == "int" || wanted == "float") {
    if (is_not_finite(text)) {
      *problem = "infinities and NaN have no JSON form; put it in quotes if it is text";
      return std::nullopt;
    }
    auto number = number_of(text);
    if (number && (wanted != "int" || is_integer_text(*number))) {
      scalar.kind = Kind::kNumber;
      scalar.text = std::move(*number);
      return scalar;
    }
  }
  if (plain) return scalar;
  constexpr std::string_view kTags[] = {"null", "bool", "int", "float"};
  *problem = one_of(wanted, kTags) ? "the scalar is not what its tag says"
                                   : "a tag that is not of the core schema; remove it";
  return std::nullopt;
}

}  // namespace weir::json
