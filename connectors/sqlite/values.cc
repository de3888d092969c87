#include "connectors/sqlite/values.h"

#include <sqlite3.h>

#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "document/tuple.h"
#include "json/number.h"
#include "json/value.h"

namespace weir::sqlite {

using document::BigInteger;
using document::Bytes;
using document::Null;

namespace {

// 2^63 as a double: the first magnitude that 64 signed bits do not hold.
constexpr double kTwoTo63 = 9223372036854775808.0;

// What is bound: nothing fits in the case of nullopt. `text` either points into the packed tuple or
// into scratch.
struct Bound {
  enum class Type { kNull, kInteger, kReal, kText } type = Type::kNull;
  std::int64_t integer = 0;
  double real = 0;
  std::string_view text;
};

Bound integer_of(std::int64_t value) {
  return {.type = Bound::Type::kInteger, .integer = value, .real = 0, .text = {}};
}
Bound real_of(double value) {
  return {.type = Bound::Type::kReal, .integer = 0, .real = value, .text = {}};
}
Bound text_of(std::string_view value) {
  return {.type = Bound::Type::kText, .integer = 0, .real = 0, .text = value};
}

// The digits of an integral double, all of them.
std::string integral_digits(double value) {
  if (value == 0) return "0";    // also of -0.0
  std::array<char, 350> digits;  // the largest double has 309
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value,
                                 std::chars_format::fixed, 0);
  return {digits.data(), end.ptr};
}

std::optional<double> exact_double(std::int64_t value) {
  const auto real = static_cast<double>(value);
  if (real >= kTwoTo63 || static_cast<std::int64_t>(real) != value) return std::nullopt;
  return real;
}
std::optional<double> exact_double(std::uint64_t value) {
  const auto real = static_cast<double>(value);
  if (real >= 2 * kTwoTo63 || static_cast<std::uint64_t>(real) != value) return std::nullopt;
  return real;
}
std::optional<double> exact_double(const std::string& digits) {
  const double real = json::to_double(digits);
  if (!std::isfinite(real)) return std::nullopt;
  if (integral_digits(real) != digits && !json::exact_as_double(digits)) return std::nullopt;
  return real;
}
std::optional<std::int64_t> exact_integer(double value) {
  if (std::trunc(value) != value || value >= kTwoTo63 || value < -kTwoTo63) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

// One element into one kind of column. Each member is a pair the kind can take; the rest is
// nullopt.
class Converter {
 public:
  Converter(ColumnKind kind, std::deque<std::string>& scratch) : kind_(kind), scratch_(scratch) {}

  std::optional<Bound> operator()(Null) const { return Bound{}; }
  std::optional<Bound> operator()(bool value) const {
    if (kind_ == ColumnKind::kBoolean) return integer_of(value ? 1 : 0);
    if (kind_ == ColumnKind::kJson) return text_of(value ? "true" : "false");
    return std::nullopt;
  }
  std::optional<Bound> operator()(std::int64_t value) const {
    if (kind_ == ColumnKind::kInteger) return integer_of(value);
    if (kind_ == ColumnKind::kReal) return real(exact_double(value));
    return digits(std::to_string(value));
  }
  std::optional<Bound> operator()(std::uint64_t value) const {
    if (kind_ == ColumnKind::kReal) return real(exact_double(value));
    return digits(std::to_string(value));
  }
  std::optional<Bound> operator()(const BigInteger& value) const {
    if (kind_ == ColumnKind::kReal) return real(exact_double(value.text));
    return digits(value.text);
  }
  std::optional<Bound> operator()(double value) const {
    if (kind_ == ColumnKind::kReal) return real_of(value);
    if (kind_ == ColumnKind::kInteger) {
      const auto integer = exact_integer(value);
      return integer ? std::optional(integer_of(*integer)) : std::nullopt;
    }
    if (kind_ == ColumnKind::kDecimal) {
      if (std::trunc(value) != value) return std::nullopt;
      return text_of(scratch_.emplace_back(integral_digits(value)));
    }
    if (kind_ == ColumnKind::kJson)
      return text_of(scratch_.emplace_back(json::shortest_double(value)));
    return std::nullopt;
  }
  std::optional<Bound> operator()(std::string_view value) const {
    if (kind_ == ColumnKind::kText) return text_of(value);
    if (kind_ != ColumnKind::kJson) return std::nullopt;
    std::string& text = scratch_.emplace_back();
    json::write_string(value, text);
    return text_of(text);
  }
  std::optional<Bound> operator()(const Bytes& value) const {
    return kind_ == ColumnKind::kJson ? std::optional(text_of(value.text)) : std::nullopt;
  }

 private:
  static std::optional<Bound> real(std::optional<double> value) {
    return value ? std::optional(real_of(*value)) : std::nullopt;
  }
  std::optional<Bound> digits(std::string text) const {
    if (kind_ != ColumnKind::kDecimal && kind_ != ColumnKind::kJson) return std::nullopt;
    return text_of(scratch_.emplace_back(std::move(text)));
  }

  ColumnKind kind_;
  std::deque<std::string>& scratch_;
};

std::string_view advice(ColumnKind kind) {
  switch (kind) {
    case ColumnKind::kInteger:
      return "say its `maximum` or `minimum` in the schema, so that the column becomes TEXT, or "
             "exclude the field";
    case ColumnKind::kReal:
      return "say `type: [number, string]` in the schema, so that the column becomes TEXT, or "
             "exclude the field";
    case ColumnKind::kBoolean:
    case ColumnKind::kText:
    case ColumnKind::kDecimal:
    case ColumnKind::kJson: break;
  }
  return "widen its type in the schema, or exclude the field";
}

}  // namespace

Status TupleBinder::bind(Statement& statement, int first_parameter, std::string_view packed,
                         std::span<const Column> columns, Nulls nulls) {
  document::TupleReader reader(packed);
  int parameter = first_parameter;
  for (const Column& column : columns) {
    auto element = reader.next();
    if (!element) return tl::unexpected<Error>(with_context(table_, std::move(element).error()));
    // The reader lives no longer than this call, and what it unescaped dies with it.
    if (const auto* text = std::get_if<std::string_view>(&*element);
        text && text->find('\0') != text->npos) {
      *element = std::string_view(scratch_.emplace_back(*text));
    }
    const auto bound = std::visit(Converter(column.kind, scratch_), *element);
    if (!bound) {
      return error(
          Code::kInvalid,
          "table {}, column \"{}\": a document has a value that {} cannot hold exactly; {}", table_,
          column.name, declared_type(column.kind), advice(column.kind));
    }
    switch (bound->type) {
      case Bound::Type::kNull:
        if (nulls == Nulls::kRefuse) {
          return error(Code::kInvalid,
                       "table {}, column \"{}\": a document has no value for this part of the key",
                       table_, column.name);
        }
        statement.bind_null(parameter);
        break;
      case Bound::Type::kInteger: statement.bind(parameter, bound->integer); break;
      case Bound::Type::kReal: statement.bind(parameter, bound->real); break;
      case Bound::Type::kText: statement.bind(parameter, bound->text); break;
    }
    ++parameter;
  }
  if (!reader.done()) {
    return error(Code::kCorrupt, "table {}: a packed row has more elements than columns", table_);
  }
  return {};
}

namespace {

std::string_view text_argument(sqlite3_value* value) {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_value_text(value));
  return {bytes == nullptr ? "" : bytes, static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

// A stored value as the element it was made of.
std::optional<document::Element> element_of(sqlite3_value* value, std::string_view kind) {
  switch (sqlite3_value_type(value)) {
    case SQLITE_NULL: return Null{};
    case SQLITE_INTEGER:
      if (kind == "boolean") return sqlite3_value_int64(value) != 0;
      return sqlite3_value_int64(value);
    case SQLITE_FLOAT: return sqlite3_value_double(value);
    case SQLITE_TEXT:
      if (kind == "text") return text_argument(value);
      if (kind == "decimal") return BigInteger{std::string(text_argument(value))};
      if (kind == "json") return Bytes{text_argument(value)};
      break;
    default: break;
  }
  return std::nullopt;
}

void convert(sqlite3_context* context, int, sqlite3_value** arguments) {
  const std::string_view to = text_argument(arguments[2]);
  std::optional<ColumnKind> kind;
  for (const ColumnKind k : {ColumnKind::kInteger, ColumnKind::kReal, ColumnKind::kBoolean,
                             ColumnKind::kText, ColumnKind::kDecimal, ColumnKind::kJson}) {
    if (name_of(k) == to) kind = k;
  }
  const auto element = element_of(arguments[0], text_argument(arguments[1]));
  std::deque<std::string> scratch;
  const auto bound =
      kind && element ? std::visit(Converter(*kind, scratch), *element) : std::nullopt;
  if (!bound) {
    sqlite3_result_error(context, "a stored value cannot be held exactly", -1);
    return;
  }
  switch (bound->type) {
    case Bound::Type::kNull: sqlite3_result_null(context); break;
    case Bound::Type::kInteger: sqlite3_result_int64(context, bound->integer); break;
    case Bound::Type::kReal: sqlite3_result_double(context, bound->real); break;
    case Bound::Type::kText:
      sqlite3_result_text64(context, bound->text.data(), bound->text.size(), SQLITE_TRANSIENT,
                            SQLITE_UTF8);
      break;
  }
}

}  // namespace

Status define_convert(sqlite3* connection) {
  const int result = sqlite3_create_function_v2(
      connection, "weir_convert", 3, SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY,
      nullptr, &convert, nullptr, nullptr, nullptr);
  if (result == SQLITE_OK) return {};
  return tl::unexpected<Error>(error_of(result, connection, "defining weir_convert"));
}

}  // namespace weir::sqlite
