#include "json/format.h"

#include "json/pointer.h"

namespace weir::json {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}
bool is_hex(char c) {
  return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

// Reads a text from its front. Each reader says whether it found what it wanted.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}
  bool done() const { return rest_.empty(); }
  bool one_of(std::string_view chars) {
    if (done() || chars.find(rest_[0]) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // Exactly so many digits.
  bool number(std::size_t digits, int* out) {
    if (rest_.size() < digits) return false;
    *out = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (!is_digit(rest_[i])) return false;
      *out = *out * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(digits);
    return true;
  }
  // One digit or more.
  bool digits() {
    std::size_t count = 0;
    while (count < rest_.size() && is_digit(rest_[count])) ++count;
    rest_.remove_prefix(count);
    return count > 0;
  }

 private:
  std::string_view rest_;
};

int days_of(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 && leap ? 29 : kDays[month - 1];
}

bool read_date(Cursor& in) {
  int year = 0, month = 0, day = 0;
  if (!in.number(4, &year) || !in.one_of("-") || !in.number(2, &month) || !in.one_of("-") ||
      !in.number(2, &day)) {
    return false;
  }
  return month >= 1 && month <= 12 && day >= 1 && day <= days_of(year, month);
}

bool read_time(Cursor& in) {
  int hour = 0, minute = 0, second = 0;
  if (!in.number(2, &hour) || !in.one_of(":") || !in.number(2, &minute) || !in.one_of(":") ||
      !in.number(2, &second)) {
    return false;
  }
  if (in.one_of(".") && !in.digits()) return false;
  int offset = 0;
  if (!in.one_of("Zz")) {
    const bool west = in.one_of("-");
    int offset_hour = 0, offset_minute = 0;
    if ((!west && !in.one_of("+")) || !in.number(2, &offset_hour) || !in.one_of(":") ||
        !in.number(2, &offset_minute) || offset_hour > 23 || offset_minute > 59) {
      return false;
    }
    offset = (offset_hour * 60 + offset_minute) * (west ? -1 : 1);
  }
  if (hour > 23 || minute > 59 || second > 60) return false;
  constexpr int kDay = 24 * 60;
  const int utc = ((hour * 60 + minute - offset) % kDay + kDay) % kDay;
  return second < 60 || utc == kDay - 1;  // leap seconds end a day of UTC
}

bool is_date(std::string_view text) {
  Cursor in(text);
  return read_date(in) && in.done();
}

bool is_time(std::string_view text) {
  Cursor in(text);
  return read_time(in) && in.done();
}

bool is_date_time(std::string_view text) {
  Cursor in(text);
  return read_date(in) && in.one_of("Tt") && read_time(in) && in.done();
}

// Units in the given order, each at most once; how many there were, or -1.
int read_units(Cursor& in, std::string_view units) {
  int count = 0;
  while (in.digits()) {
    while (!units.empty() && !in.one_of(units.substr(0, 1))) units.remove_prefix(1);
    if (units.empty()) return -1;
    units.remove_prefix(1);
    ++count;
  }
  return count;
}

// RFC 3339, appendix A. Units may be left out (P1DT5S): the grammar there forbids it, all readers
// accept it.
bool is_duration(std::string_view text) {
  Cursor in(text);
  if (!in.one_of("P")) return false;
  if (text.ends_with('W')) return in.digits() && in.one_of("W") && in.done();
  const int dates = read_units(in, "YMD");
  if (dates < 0) return false;
  if (!in.one_of("T")) return dates > 0 && in.done();
  return read_units(in, "HMS") > 0 && in.done();
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !is_hex(text[i])) return false;
  }
  return true;
}

bool is_json_pointer(std::string_view text) {
  return Pointer::parse(text).has_value();
}

bool is_relative_json_pointer(std::string_view text) {
  std::size_t digits = 0;
  while (digits < text.size() && is_digit(text[digits])) ++digits;
  if (digits == 0 || (digits > 1 && text[0] == '0')) return false;
  text.remove_prefix(digits);
  return text == "#" || is_json_pointer(text);
}

bool is_atom_char(char c, bool international) {
  if (static_cast<unsigned char>(c) >= 0x80) return international;
  return is_letter(c) || is_digit(c) ||
         std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

bool is_local_part(std::string_view text, bool international) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    text = text.substr(1, text.size() - 2);
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\\' && i + 1 < text.size()) {
        ++i;
      } else if (text[i] == '"' || text[i] == '\\') {
        return false;
      }
      const auto byte = static_cast<unsigned char>(text[i]);
      if (byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !international)) return false;
    }
    return true;
  }
  bool dot = true;  // a dot may not come first, last or twice
  for (const char c : text) {
    if (c == '.' ? dot : !is_atom_char(c, international)) return false;
    dot = c == '.';
  }
  return !dot;
}

// Labels of letters of any script: the tables of IDNA are not consulted.
bool is_loose_hostname(std::string_view text) {
  std::string ascii(text);
  for (char& c : ascii) {
    if (static_cast<unsigned char>(c) >= 0x80) c = 'x';
  }
  return is_hostname(ascii);
}

bool is_mailbox(std::string_view text, bool international) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || at > 64) return false;
  const std::string_view domain = text.substr(at + 1);
  if (!is_local_part(text.substr(0, at), international)) return false;
  if (domain.size() > 2 && domain.front() == '[' && domain.back() == ']') {
    const std::string_view literal = domain.substr(1, domain.size() - 2);
    return literal.starts_with("IPv6:") ? is_ipv6(literal.substr(5)) : is_ipv4(literal);
  }
  return international ? is_loose_hostname(domain) : is_hostname(domain);
}

bool is_email(std::string_view text) {
  return is_mailbox(text, false);
}
bool is_idn_email(std::string_view text) {
  return is_mailbox(text, true);
}

struct Format {
  std::string_view name;
  FormatCheck check;
};
constexpr Format kFormats[] = {
    {"date", is_date},
    {"date-time", is_date_time},
    {"duration", is_duration},
    {"email", is_email},
    {"hostname", is_hostname},
    {"idn-email", is_idn_email},
    {"ipv4", is_ipv4},
    {"ipv6", is_ipv6},
    {"iri", is_iri},
    {"iri-reference", is_iri_reference},
    {"json-pointer", is_json_pointer},
    {"relative-json-pointer", is_relative_json_pointer},
    {"time", is_time},
    {"uri", is_uri},
    {"uri-reference", is_uri_reference},
    {"uri-template", is_uri_template},
    {"uuid", is_uuid},
};

}  // namespace

bool is_ipv4(std::string_view text) {
  int parts = 0;
  while (true) {
    std::size_t digits = 0;
    int value = 0;
    while (digits < text.size() && digits < 4 && is_digit(text[digits])) {
      value = value * 10 + (text[digits++] - '0');
    }
    if (digits == 0 || value > 255 || (digits > 1 && text[0] == '0')) return false;
    text.remove_prefix(digits);
    if (++parts == 4) return text.empty();
    if (text.empty() || text[0] != '.') return false;
    text.remove_prefix(1);
  }
}

bool is_ipv6(std::string_view text) {
  int groups = 0;
  bool gap = false;
  if (text.starts_with("::")) {
    gap = true;
    text.remove_prefix(2);
    if (text.empty()) return true;
  }
  while (true) {
    std::size_t digits = 0;
    while (digits < text.size() && is_hex(text[digits])) ++digits;
    if (digits < text.size() && text[digits] == '.') {
      if (!is_ipv4(text)) return false;
      groups += 2;
      break;
    }
    if (digits == 0 || digits > 4) return false;
    ++groups;
    text.remove_prefix(digits);
    if (text.empty()) break;
    if (text[0] != ':') return false;
    text.remove_prefix(1);
    if (text.starts_with(':')) {
      if (gap) return false;
      gap = true;
      text.remove_prefix(1);
      if (text.empty()) break;
    }
  }
  return gap ? groups < 8 : groups == 8;
}

bool is_hostname(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  while (true) {
    const std::size_t end = std::min(text.find('.'), text.size());
    const std::string_view label = text.substr(0, end);
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') {
      return false;
    }
    for (const char c : label) {
      if (!is_letter(c) && !is_digit(c) && c != '-') return false;
    }
    if (end == text.size()) return true;
    text.remove_prefix(end + 1);
  }
}

FormatCheck find_format(std::string_view name) {
  for (const Format& format : kFormats) {
    if (format.name == name) return format.check;
  }
  return nullptr;
}

std::vector<std::string_view> format_names() {
  std::vector<std::string_view> names;
  for (const Format& format : kFormats) names.push_back(format.name);
  return names;
}

}  // namespace weir::json
