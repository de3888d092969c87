#include "secrets/sops_value.h"

#include <charconv>
#include <cstdlib>

#include "base/secret_text.h"
#include "base/text.h"
#include "json/number.h"

namespace weir::secrets {
namespace {

struct Label {
  SopsType type;
  std::string_view text;
};
constexpr Label kLabels[] = {{SopsType::kString, "str"},     {SopsType::kInteger, "int"},
                             {SopsType::kFloat, "float"},    {SopsType::kBool, "bool"},
                             {SopsType::kTime, "time"},      {SopsType::kBytes, "bytes"},
                             {SopsType::kComment, "comment"}};
constexpr std::size_t kIvBytes = 32;

Typed typed(SopsType type, std::string text) {
  return {type, Secret(std::move(text))};
}

std::string number_text(std::string_view text, BigIntegers big) {
  if (big == BigIntegers::kExact && json::is_integer_text(text)) {
    if (const auto n = json::to_int64(text)) {
      return text.starts_with("-0") ? "-0" : std::to_string(*n);
    }
  }
  return plain_decimal(json::to_double(text));
}

// What is spelled like an integer of Go: 12, -0x1F, 0o17, 017, 0b11.
std::optional<std::string> go_integer(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  int base = 10;
  if (text.size() > 1 && text[0] == '0') {
    const char kind = static_cast<char>(text[1] | 0x20);
    base = kind == 'x' ? 16 : kind == 'b' ? 2 : 8;
    text.remove_prefix(kind == 'x' || kind == 'b' || kind == 'o' ? 2 : 1);
  }
  std::uint64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (text.empty() || problem != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  if (negative && value > 1ull << 63) return std::nullopt;
  return negative && value > 0 ? "-" + std::to_string(value) : std::to_string(value);
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// [-+]? ( .digits | digits[.digits*] ) ( [eE][-+]?digits )?
bool is_go_float(std::string_view text) {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t from = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    return at - from;
  };
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
  std::size_t count = digits();
  if (at < text.size() && text[at] == '.') {
    ++at;
    const std::size_t behind = digits();
    if (count == 0 && behind == 0) return false;
    count += behind;
  }
  if (count == 0) return false;
  if (at < text.size() && (text[at] | 0x20) == 'e') {
    ++at;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    if (digits() == 0) return false;
  }
  return at == text.size();
}

class TimeReader {
 public:
  explicit TimeReader(std::string_view text) : text_(text) {}
  // As RFC 3339 with whole seconds.
  std::optional<std::string> read() {
    if (!number(4, 4) || !mark('-') || !number(1, 2) || !mark('-') || !number(1, 2)) return {};
    const std::string date = fmt::format("{:04}-{:02}-{:02}", part_[0], part_[1], part_[2]);
    if (part_[1] < 1 || part_[1] > 12 || part_[2] < 1 || part_[2] > 31) return {};
    if (at_ == text_.size()) return date + "T00:00:00Z";
    const char between = text_[at_++];
    if (between != 'T' && between != 't' && between != ' ') return {};
    if (!number(1, 2) || !mark(':') || !number(1, 2) || !mark(':') || !number(1, 2)) return {};
    if (part_[3] > 23 || part_[4] > 59 || part_[5] > 59) return {};
    if (mark('.')) {
      const std::size_t from = at_;
      while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
      if (at_ == from) return {};
    }
    const std::string_view zone = text_.substr(at_);
    const bool offset = zone.size() == 6 && (zone[0] == '+' || zone[0] == '-') && zone[3] == ':';
    if (between == ' ' ? !zone.empty() : zone != "Z" && !offset) return {};
    return fmt::format("{}T{:02}:{:02}:{:02}{}", date, part_[3], part_[4], part_[5],
                       zone.empty() || zone.substr(1) == "00:00" ? "Z" : zone);
  }

 private:
  bool number(std::size_t least, std::size_t most) {
    std::size_t count = 0;
    int value = 0;
    for (; count < most && at_ < text_.size() && is_digit(text_[at_]); ++count, ++at_) {
      value = value * 10 + (text_[at_] - '0');
    }
    if (count < least) return false;
    part_[parts_++] = value;
    return true;
  }
  bool mark(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  std::string_view text_;
  std::size_t at_ = 0;
  int part_[6] = {};
  std::size_t parts_ = 0;
};

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  for (const std::string_view word : words) {
    if (text == word) return true;
  }
  return false;
}

std::optional<bool> go_bool(std::string_view text) {
  if (is_one_of(text, {"1", "t", "T", "TRUE", "true", "True"})) return true;
  if (is_one_of(text, {"0", "f", "F", "FALSE", "false", "False"})) return false;
  return std::nullopt;
}

}  // namespace

std::string_view label_of(SopsType type) {
  for (const Label& label : kLabels) {
    if (label.type == type) return label.text;
  }
  return "str";
}

std::optional<SopsType> sops_type_of(std::string_view label) {
  for (const Label& each : kLabels) {
    if (each.text == label) return each.type;
  }
  return std::nullopt;
}

std::string plain_decimal(double value) {
  char buffer[40];
  const auto end =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific).ptr;
  std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
  std::string out;
  if (text.starts_with('-')) {
    out = "-";
    text.remove_prefix(1);
  }
  const std::size_t e = text.find('e');
  if (e == std::string_view::npos) return out + std::string(text);  // inf, nan
  int exponent = 0;
  const std::string_view power = text.substr(e + (text[e + 1] == '+' ? 2 : 1));
  std::from_chars(power.data(), power.data() + power.size(), exponent);
  std::string digits(1, text[0]);
  if (e > 2) digits += text.substr(2, e - 2);
  const int point = exponent + 1;  // digits before the point
  if (point <= 0) return out + "0." + std::string(static_cast<std::size_t>(-point), '0') + digits;
  const auto before = static_cast<std::size_t>(point);
  if (digits.size() <= before) return out + digits + std::string(before - digits.size(), '0');
  return out + digits.substr(0, before) + "." + digits.substr(before);
}

std::optional<Typed> typed_json(const json::Value& value, BigIntegers big) {
  switch (value.kind()) {
    case json::Kind::kString: return typed(SopsType::kString, std::string(value.as_string()));
    case json::Kind::kBool: return typed(SopsType::kBool, value.as_bool() ? "True" : "False");
    case json::Kind::kNumber: {
      // As an integer where a float would round it; SOPS has those of 64 bits, and no -0.
      const std::string_view digits = value.number_text();
      const bool integer = big == BigIntegers::kExact && is_contested(value) &&
                           json::to_int64(digits) && !digits.starts_with("-0");
      return typed(integer ? SopsType::kInteger : SopsType::kFloat,
                   number_text(value.number_text(), big));
    }
    default: return std::nullopt;
  }
}

std::optional<Typed> typed_yaml_scalar(std::string_view text, BigIntegers big) {
  if (is_one_of(text, {"", "~", "null", "Null", "NULL"})) return std::nullopt;
  if (is_one_of(text, {"true", "True", "TRUE"})) return typed(SopsType::kBool, "True");
  if (is_one_of(text, {"false", "False", "FALSE"})) return typed(SopsType::kBool, "False");
  const char first = text.empty() ? '\0' : text[0];
  if (is_digit(first) || first == '-' || first == '+' || first == '.') {
    if (auto time = TimeReader(text).read()) return typed(SopsType::kTime, *std::move(time));
    SecretText digits(text.size() + 1);
    for (const char c : text) {
      if (c != '_') digits.append(c);
    }
    if (auto integer = first == '.' ? std::nullopt : go_integer(digits.view())) {
      (void)big;  // integers of YAML were never rounded
      return typed(SopsType::kInteger, *std::move(integer));
    }
    if (is_go_float(digits.view())) {
      digits.append('\0');
      return typed(SopsType::kFloat, plain_decimal(std::strtod(digits.view().data(), nullptr)));
    }
  }
  return typed(SopsType::kString, std::string(text));
}

bool is_contested(const json::Value& number) {
  if (!number.is_number() || !json::is_integer_text(number.number_text())) return false;
  const auto exact = json::to_int64(number.number_text());
  return !exact || plain_decimal(json::to_double(number.number_text())) != std::to_string(*exact);
}

bool looks_sealed(std::string_view text) {
  return text.starts_with(kEnvelopeStart) && text.ends_with(']');
}

Result<Envelope> parse_envelope(std::string_view text) {
  const auto bad = [] {
    return error(Code::kCorrupt, "no encrypted value of the form ENC[AES256_GCM,…]");
  };
  if (!looks_sealed(text)) return bad();
  text = text.substr(kEnvelopeStart.size(), text.size() - kEnvelopeStart.size() - 1);
  Envelope out;
  std::optional<std::string> parts[3];
  constexpr std::string_view kNames[] = {"data:", "iv:", "tag:"};
  for (std::size_t i = 0; i < 3; ++i) {
    if (!text.starts_with(kNames[i])) return bad();
    const std::size_t comma = text.find(',');
    if (comma == std::string_view::npos) return bad();
    parts[i] = from_base64(text.substr(kNames[i].size(), comma - kNames[i].size()));
    if (!parts[i]) return bad();
    text.remove_prefix(comma + 1);
  }
  if (!text.starts_with("type:")) return bad();
  const auto type = sops_type_of(text.substr(5));
  if (!type) return error(Code::kCorrupt, "an encrypted value of a type that is not known");
  return Envelope{*std::move(parts[0]), *std::move(parts[1]), *std::move(parts[2]), *type};
}

std::string envelope_text(const Envelope& envelope) {
  return fmt::format("{}data:{},iv:{},tag:{},type:{}]", kEnvelopeStart, base64(envelope.data),
                     base64(envelope.iv), base64(envelope.tag), label_of(envelope.type));
}

Result<Secret> open_envelope(const Envelope& envelope, const Secret& key, std::string_view path) {
  return gcm_open(key, envelope.iv, path, envelope.data, envelope.tag);
}

Result<std::string> seal_value(const Typed& value, const Secret& key, std::string_view path,
                               const Entropy& entropy) {
  WEIR_TRY(std::string iv, random_bytes(entropy, kIvBytes));
  WEIR_TRY(GcmSealed sealed, gcm_seal(key, iv, path, value.text.reveal()));
  return envelope_text({std::move(sealed.data), std::move(iv), std::move(sealed.tag), value.type});
}

Result<Secret> json_literal(SopsType type, const Secret& text) {
  switch (type) {
    case SopsType::kString:
    case SopsType::kTime:
    case SopsType::kComment:
    case SopsType::kBytes: {
      if (!valid_utf8(text.reveal())) {
        return error(Code::kCorrupt, "an encrypted text that is no UTF-8");
      }
      SecretText out(text.reveal().size() * 2 + 2);
      out.append_quoted(text.reveal());
      return out.take();
    }
    case SopsType::kBool: {
      const auto truth = go_bool(text.reveal());
      if (!truth) return error(Code::kCorrupt, "an encrypted boolean that is none");
      return Secret(std::string(*truth ? "true" : "false"));
    }
    case SopsType::kInteger:
    case SopsType::kFloat:
      if (!json::is_number_text(text.reveal())) {
        return error(Code::kCorrupt, "an encrypted number that is none");
      }
      return text;
  }
  return text;
}

}  // namespace weir::secrets
