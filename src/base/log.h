// The log: one line per fact on standard error, as text with stable keys or as JSON. Values that
// could be secret never reach it: messages quote places and keys of a catalog, and URLs are cut to
// scheme and host by the caller. Safe from any thread.
#pragma once

#include <fmt/core.h>

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace weir {

enum class LogLevel { kError, kWarn, kInfo, kDebug, kTrace };
enum class LogFormat { kText, kJson };

// A fact's value: text is quoted where needed; numbers are given with `raw` so that JSON keeps them
// numbers.
struct LogField {
  std::string_view key;
  std::string value;
  bool raw = false;
  LogField(std::string_view k, std::string v) : key(k), value(std::move(v)) {}
  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
  LogField(std::string_view k, const char* v) : key(k), value(v) {}
  LogField(std::string_view k, bool v) : key(k), value(v ? "true" : "false"), raw(true) {}
  template <typename T>
  requires std::is_arithmetic_v<T> LogField(std::string_view k, T v)
      : key(k), value(fmt::format("{}", v)), raw(true) {}
};

void set_log_level(LogLevel level);
void set_log_format(LogFormat format);
bool parse_log_level(std::string_view text, LogLevel* out);
bool log_enabled(LogLevel level);
// Where finished lines go instead of standard error (tests; the terminal view). nullptr restores
// standard error.
void set_log_sink(std::function<void(std::string_view line)> sink);

// log(LogLevel::kInfo, "committed", {{"transaction", n}, {"rows", rows}}).
void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});

}  // namespace weir
