// Packed keys: the order-preserving tuple encoding of FoundationDB. Comparing packed bytes compares
// the tuples.
#pragma once

#include <cstdint>
#include <forward_list>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "json/value.h"

namespace weir::document {

struct Null {
  friend bool operator==(const Null&, const Null&) = default;
};
struct Bytes {  // arrays and objects: their compact JSON
  std::string_view text;
  friend bool operator==(const Bytes&, const Bytes&) = default;
};
struct BigInteger {  // beyond 64 bits, as decimal text
  std::string text;
  friend bool operator==(const BigInteger&, const BigInteger&) = default;
};
using Element = std::variant<Null, bool, std::int64_t, std::uint64_t, double, std::string_view,
                             Bytes, BigInteger>;

// The format's length byte: an integer takes at most 255 bytes, so these digits always fit.
inline constexpr std::size_t kIntegerDigitsMax = 614;

// Each appends one element to `out`.
void pack_null(std::string& out);
void pack_bool(std::string& out, bool value);
void pack_int(std::string& out, std::int64_t value);
void pack_uint(std::string& out, std::uint64_t value);
// An integer literal of any size, at most kIntegerDigitsMax digits; small ones pack as pack_int
// does.
void pack_big_integer(std::string& out, std::string_view decimal);
void pack_double(std::string& out, double value);
void pack_string(std::string& out, std::string_view value);
void pack_bytes(std::string& out, std::string_view value);

enum class Numbers { kKey, kValue };
// A value as one element. Integer literals and, for keys, integral floats within 64 bits pack as
// integers; other numbers as float64, and one whose float64 is not exactly what was written is
// kInvalid.
Status pack_value(std::string& out, const json::Value& value, Numbers numbers);
Status pack_number(std::string& out, std::string_view text,
                   Numbers numbers);  // of a JSON number's text

// The same for short numbers (see short_decimal.h); false, and nothing appended, if it is none, or
// a key with a point.
bool pack_short_number(std::string& out, std::string_view text, Numbers numbers);

// Walks a packed tuple. Text elements point into `packed` unless they hold an escaped NUL, then
// into `scratch`. A uint64_t is only returned above the range of int64_t. kCorrupt for what is no
// tuple.
class TupleReader {
 public:
  explicit TupleReader(std::string_view packed) : rest_(packed) {}
  bool done() const { return rest_.empty(); }
  Result<Element> next();

 private:
  Result<Element> read_text(bool bytes);
  Result<Element> read_integer(unsigned char code);
  Result<Element> read_big_integer(bool negative);
  Result<Element> read_float(std::size_t size);

  std::string_view rest_;
  std::forward_list<std::string> scratch_;
};

// An upper bound of `packed` of at most `bytes_max` bytes: itself, or a prefix and ff.
std::string bounded_above(std::string_view packed, std::size_t bytes_max);

}  // namespace weir::document
