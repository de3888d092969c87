#include "document/tuple.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

#include "document/short_decimal.h"
#include "json/number.h"

namespace weir::document {
namespace {

// Codes of FoundationDB's tuple layer, as far as documents need them.
constexpr unsigned char kNull = 0x00;
constexpr unsigned char kBytes = 0x01;
constexpr unsigned char kString = 0x02;
constexpr unsigned char kBigNegative = 0x0b;
constexpr unsigned char kZero = 0x14;  // ± n: an integer of n bytes
constexpr unsigned char kBigPositive = 0x1d;
constexpr unsigned char kFloat32 = 0x20;
constexpr unsigned char kFloat64 = 0x21;
constexpr unsigned char kFalse = 0x26;
constexpr unsigned char kTrue = 0x27;
constexpr char kEscape = '\xff';  // follows a NUL that belongs to the text

void push(std::string& out, unsigned byte) {
  out.push_back(static_cast<char>(byte));
}

std::size_t bytes_of(std::uint64_t magnitude) {
  return (static_cast<std::size_t>(std::bit_width(magnitude)) + 7) / 8;
}

// The low `count` bytes of `value`, most significant first.
void push_big_endian(std::string& out, std::uint64_t value, std::size_t count) {
  char bytes[8];
  for (std::size_t i = count; i > 0; --i, value >>= 8) bytes[i - 1] = static_cast<char>(value);
  out.append(bytes, count);
}

// A code and the low `count` bytes of `value` behind it.
void push_coded(std::string& out, unsigned code, std::uint64_t value, std::size_t count) {
  char bytes[16];
  bytes[0] = static_cast<char>(code);
  if (count != 0) {
    const std::uint64_t big = __builtin_bswap64(value << (64 - 8 * count));
    std::memcpy(bytes + 1, &big, sizeof(big));
  }
  out.append(bytes, count + 1);
}

std::uint64_t read_big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = (value << 8) | static_cast<unsigned char>(c);
  return value;
}

void pack_text(std::string& out, unsigned char code, std::string_view text) {
  push(out, code);
  for (;;) {
    const auto nul = text.find('\0');
    out.append(text.substr(0, nul));
    out.push_back('\0');
    if (nul == std::string_view::npos) return;
    out.push_back(kEscape);
    text.remove_prefix(nul + 1);
  }
}

// Decimal digits to bytes, most significant first, and back. Quadratic, for numbers of a few
// hundred digits.
std::string bytes_of_decimal(std::string_view digits) {
  std::vector<std::uint32_t> words;  // least significant first
  for (const char c : digits) {
    std::uint64_t carry = static_cast<std::uint64_t>(c - '0');
    for (std::uint32_t& word : words) {
      carry += std::uint64_t{word} * 10;
      word = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
    if (carry != 0) words.push_back(static_cast<std::uint32_t>(carry));
  }
  std::string bytes;
  for (auto word = words.rbegin(); word != words.rend(); ++word) push_big_endian(bytes, *word, 4);
  bytes.erase(0, bytes.find_first_not_of('\0'));
  return bytes;
}

std::string decimal_of_bytes(std::string_view bytes) {
  std::vector<std::uint32_t> groups;  // of nine digits, least significant first
  constexpr std::uint64_t kGroup = 1'000'000'000;
  for (const char c : bytes) {
    std::uint64_t carry = static_cast<unsigned char>(c);
    for (std::uint32_t& group : groups) {
      carry += std::uint64_t{group} * 256;
      group = static_cast<std::uint32_t>(carry % kGroup);
      carry /= kGroup;
    }
    if (carry != 0) groups.push_back(static_cast<std::uint32_t>(carry));
  }
  std::string out = groups.empty() ? "0" : std::to_string(groups.back());
  for (std::size_t i = groups.size(); i > 1; --i) {
    const std::string digits = std::to_string(groups[i - 2]);
    out.append(9 - digits.size(), '0').append(digits);
  }
  return out;
}

void complement(std::string& bytes) {
  for (char& c : bytes) c = static_cast<char>(~c);
}

}  // namespace

void pack_null(std::string& out) {
  push(out, kNull);
}

void pack_bool(std::string& out, bool value) {
  push(out, value ? kTrue : kFalse);
}

void pack_int(std::string& out, std::int64_t value) {
  if (value >= 0) return pack_uint(out, static_cast<std::uint64_t>(value));
  const std::uint64_t magnitude = 0 - static_cast<std::uint64_t>(value);
  const std::size_t count = bytes_of(magnitude);
  push_coded(out, static_cast<unsigned>(kZero - count), ~magnitude,
             count);  // value + 256^count - 1
}

void pack_uint(std::string& out, std::uint64_t value) {
  const std::size_t count = bytes_of(value);
  push_coded(out, static_cast<unsigned>(kZero + count), value, count);
}

void pack_big_integer(std::string& out, std::string_view decimal) {
  const bool negative = decimal.starts_with('-');
  std::string bytes = bytes_of_decimal(decimal.substr(negative ? 1 : 0));
  const auto count = static_cast<unsigned>(bytes.size());
  if (count == 0) return push(out, kZero);
  if (negative) complement(bytes);
  if (count <= 8) {
    push(out, negative ? kZero - count : kZero + count);
  } else {
    push(out, negative ? kBigNegative : kBigPositive);
    push(out, negative ? ~count & 0xff : count);
  }
  out.append(bytes);
}

void pack_double(std::string& out, double value) {
  constexpr std::uint64_t kSign = std::uint64_t{1} << 63;
  const auto bits = std::bit_cast<std::uint64_t>(value);
  push_coded(out, kFloat64, (bits & kSign) != 0 ? ~bits : bits | kSign, 8);
}

void pack_string(std::string& out, std::string_view value) {
  pack_text(out, kString, value);
}

void pack_bytes(std::string& out, std::string_view value) {
  pack_text(out, kBytes, value);
}

bool pack_short_number(std::string& out, std::string_view text, Numbers numbers) {
  ShortDecimal number;
  if (!read_short_decimal(text, &number)) return false;
  if (!number.fractional) {
    pack_int(out, number.digits);
    return true;
  }
  // As a key 1.0 is 1.
  if (numbers == Numbers::kKey) return false;
  pack_double(out, number.digits == 0 && text.front() == '-' ? -0.0 : number.as_double());
  return true;
}

Status pack_number(std::string& out, std::string_view text, Numbers numbers) {
  if (pack_short_number(out, text, numbers)) return {};
  if (const auto n = json::to_int64(text)) return pack_int(out, *n), Status{};
  if (const auto n = json::to_uint64(text)) return pack_uint(out, *n), Status{};
  if (json::is_integer_text(text)) {
    if (text.size() > kIntegerDigitsMax) {
      return error(Code::kLimit, "an integer of more than {} digits", kIntegerDigitsMax);
    }
    return pack_big_integer(out, text), Status{};
  }
  if (numbers == Numbers::kKey) {
    if (const auto n = json::integral_int64(text)) return pack_int(out, *n), Status{};
    if (const auto n = json::integral_uint64(text)) return pack_uint(out, *n), Status{};
  }
  if (!json::exact_as_double(text)) {
    return error(Code::kInvalid,
                 "a number with more digits than a 64-bit float holds; write it with fewer digits "
                 "or as a string");
  }
  return pack_double(out, json::to_double(text)), Status{};
}

Status pack_value(std::string& out, const json::Value& value, Numbers numbers) {
  switch (value.kind()) {
    case json::Kind::kNull: return pack_null(out), Status{};
    case json::Kind::kBool: return pack_bool(out, value.as_bool()), Status{};
    case json::Kind::kNumber: return pack_number(out, value.number_text(), numbers);
    case json::Kind::kString: return pack_string(out, value.as_string()), Status{};
    case json::Kind::kArray:
    case json::Kind::kObject: return pack_bytes(out, json::to_text(value)), Status{};
  }
  return {};
}

Result<Element> TupleReader::next() {
  if (rest_.empty()) return error(Code::kCorrupt, "a packed tuple ends early");
  const auto code = static_cast<unsigned char>(rest_.front());
  rest_.remove_prefix(1);
  switch (code) {
    case kNull: return Null{};
    case kFalse: return false;
    case kTrue: return true;
    case kBytes: return read_text(true);
    case kString: return read_text(false);
    case kFloat32: return read_float(4);
    case kFloat64: return read_float(8);
    case kBigNegative: return read_big_integer(true);
    case kBigPositive: return read_big_integer(false);
    default: break;
  }
  if (code > kBigNegative && code < kBigPositive) return read_integer(code);
  return error(Code::kCorrupt, "a packed tuple has an element of unknown type {:#04x}", code);
}

Result<Element> TupleReader::read_text(bool bytes) {
  const auto element = [&](std::string_view text) {
    return bytes ? Element(Bytes{text}) : Element(text);
  };
  auto end = rest_.find('\0');
  const auto escaped = [&] { return end + 1 < rest_.size() && rest_[end + 1] == kEscape; };
  if (end != std::string_view::npos && !escaped()) {
    const std::string_view text = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return element(text);
  }
  std::string& text = scratch_.emplace_front();
  for (; end != std::string_view::npos; end = rest_.find('\0')) {
    text.append(rest_.substr(0, end));
    const bool more = escaped();
    rest_.remove_prefix(end + (more ? 2 : 1));
    if (!more) return element(text);
    text.push_back('\0');
  }
  return error(Code::kCorrupt, "a packed text has no end");
}

Result<Element> TupleReader::read_integer(unsigned char code) {
  const bool negative = code < kZero;
  const auto count = static_cast<std::size_t>(negative ? kZero - code : code - kZero);
  if (rest_.size() < count) return error(Code::kCorrupt, "a packed integer ends early");
  std::uint64_t value = read_big_endian(rest_.substr(0, count));
  rest_.remove_prefix(count);
  if (negative && count < 8) value |= ~std::uint64_t{0} << (8 * count);
  const std::uint64_t magnitude = negative ? ~value : value;
  if (bytes_of(magnitude) != count) {
    return error(Code::kCorrupt, "a packed integer is longer than it must be");
  }
  constexpr std::uint64_t kTop = std::uint64_t{1} << 63;
  if (!negative && magnitude < kTop) return static_cast<std::int64_t>(magnitude);
  if (!negative) return magnitude;
  if (magnitude <= kTop) return static_cast<std::int64_t>(0 - magnitude);
  return BigInteger{"-" + std::to_string(magnitude)};
}

Result<Element> TupleReader::read_big_integer(bool negative) {
  if (rest_.empty()) return error(Code::kCorrupt, "a packed integer ends early");
  const auto stored = static_cast<unsigned char>(rest_.front());
  const std::size_t count = negative ? ~stored & 0xffu : stored;
  if (rest_.size() - 1 < count) return error(Code::kCorrupt, "a packed integer ends early");
  std::string bytes(rest_.substr(1, count));
  if (negative) complement(bytes);
  if (count <= 8 || bytes.front() == '\0') {
    return error(Code::kCorrupt, "a packed integer is longer than it must be");
  }
  rest_.remove_prefix(1 + count);
  return BigInteger{(negative ? "-" : "") + decimal_of_bytes(bytes)};
}

Result<Element> TupleReader::read_float(std::size_t size) {
  if (rest_.size() < size) return error(Code::kCorrupt, "a packed float ends early");
  std::uint64_t bits = read_big_endian(rest_.substr(0, size));
  rest_.remove_prefix(size);
  const std::uint64_t sign = std::uint64_t{1} << (8 * size - 1);
  bits = (bits & sign) != 0 ? bits ^ sign : ~bits;
  if (size == 8) return std::bit_cast<double>(bits);
  return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
}

std::string bounded_above(std::string_view packed, std::size_t bytes_max) {
  if (packed.size() <= bytes_max) return std::string(packed);
  // The byte that makes way for ff must be smaller. The first one always is: no element's code is
  // ff.
  std::size_t at = bytes_max - 1;
  while (at > 0 && packed[at] == kEscape) --at;
  return std::string(packed.substr(0, at)) + kEscape;
}

}  // namespace weir::document
