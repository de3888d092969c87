#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <mutex>

#include "base/clock.h"
#include "base/log_priority.h"

namespace weir {
namespace {

std::atomic<LogLevel> current_level{LogLevel::kInfo};
std::atomic<LogFormat> current_format{LogFormat::kText};
std::atomic<bool> priorities{false};
std::mutex sink_mutex;
std::function<void(std::string_view)> current_sink;

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::kError: return "error";
    case LogLevel::kWarn: return "warn";
    case LogLevel::kInfo: return "info";
    case LogLevel::kDebug: return "debug";
    case LogLevel::kTrace: return "trace";
  }
  return "?";
}

// As syslog(3) numbers them.
int priority_of(LogLevel level) {
  switch (level) {
    case LogLevel::kError: return 3;
    case LogLevel::kWarn: return 4;
    case LogLevel::kInfo: return 6;
    case LogLevel::kDebug:
    case LogLevel::kTrace: return 7;
  }
  return 6;
}

// Each line of a message is a record of its own to the journal.
std::string with_priority(LogLevel level, std::string_view text) {
  const std::string prefix = fmt::format("<{}>", priority_of(level));
  std::string out = prefix;
  for (const char c : text) {
    out += c;
    if (c == '\n') out += prefix;
  }
  return out;
}

void append_json_string(std::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\u{:04x}", byte);
    } else {
      out += c;
    }
  }
  out += '"';
}

bool plain(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7f || c == '"' || c == '=' || c == '\\') return false;
  }
  return true;
}

std::string as_text(LogLevel level, std::string_view message,
                    std::initializer_list<LogField> fields, const std::string& time) {
  std::string line = fmt::format("{} {:<5} {}", time, name_of(level), message);
  for (const LogField& field : fields) {
    line += fmt::format(" {}=", field.key);
    if (field.raw || plain(field.value)) {
      line += field.value;
    } else {
      append_json_string(field.value, line);
    }
  }
  // A message over several lines (a report of problems) stays readable: only fields are quoted.
  return line;
}

std::string as_json(LogLevel level, std::string_view message,
                    std::initializer_list<LogField> fields, const std::string& time) {
  std::string line = fmt::format(R"({{"ts":"{}","level":"{}","message":)", time, name_of(level));
  append_json_string(message, line);
  for (const LogField& field : fields) {
    line += ',';
    append_json_string(field.key, line);
    line += ':';
    if (field.raw) {
      line += field.value;
    } else {
      append_json_string(field.value, line);
    }
  }
  return line + "}";
}

spdlog::logger& standard_error() {
  static const auto logger = [] {
    auto made =
        std::make_shared<spdlog::logger>("weir", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");
    made->set_level(spdlog::level::trace);
    made->flush_on(spdlog::level::trace);
    return made;
  }();
  return *logger;
}

}  // namespace

void set_log_level(LogLevel level) {
  current_level = level;
}
void set_log_format(LogFormat format) {
  current_format = format;
}
bool log_enabled(LogLevel level) {
  return level <= current_level.load();
}

bool parse_log_level(std::string_view text, LogLevel* out) {
  for (const LogLevel level :
       {LogLevel::kError, LogLevel::kWarn, LogLevel::kInfo, LogLevel::kDebug, LogLevel::kTrace}) {
    if (text != name_of(level)) continue;
    *out = level;
    return true;
  }
  return false;
}

void set_log_priorities(bool on) {
  priorities = on;
}

void set_log_sink(std::function<void(std::string_view line)> sink) {
  std::lock_guard lock(sink_mutex);
  current_sink = std::move(sink);
}

void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  if (!log_enabled(level)) return;
  const std::string time = format_timestamp(system_clock().now());
  const std::string line = current_format == LogFormat::kJson
                               ? as_json(level, message, fields, time)
                               : as_text(level, message, fields, time);
  std::lock_guard lock(sink_mutex);
  if (current_sink) {
    current_sink(line);
  } else {
    standard_error().log(spdlog::level::info, fmt::string_view("{}"),
                         priorities ? with_priority(level, line) : line);
  }
}

}  // namespace weir
