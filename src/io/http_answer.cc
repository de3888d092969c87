#include "io/http_answer.h"

#include <algorithm>

#include "io/url.h"

namespace weir::io {
namespace {

bool is_header(std::string_view line, std::string_view name) {
  if (line.size() <= name.size() || line[name.size()] != ':') return false;
  return std::equal(name.begin(), name.end(), line.begin(), [](char a, char b) {
    return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b + 32) : b);
  });
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

bool printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return c >= 0x20 && c < 0x7f; });
}

}  // namespace

bool AnswerCollector::on_header(std::string_view line) {
  header_bytes_ += line.size();
  if (headers_too_long()) return false;
  if (line.starts_with("HTTP/")) {  // what an interim answer said does not count
    answer_.retry_after.clear();
    answer_.location.clear();
  } else if (is_header(line, "retry-after")) {
    const std::string_view value = trimmed(line.substr(line.find(':') + 1));
    if (value.size() <= kRetryAfterBytesMax && printable(value)) answer_.retry_after = value;
  } else if (is_header(line, "location")) {
    const auto target = resolve_url(url_, trimmed(line.substr(line.find(':') + 1)));
    answer_.location = target ? target->origin() : std::string();
  }
  return true;
}

bool AnswerCollector::on_body(std::string_view bytes) {
  const std::size_t room = body_bytes_max_ - answer_.body.size();
  answer_.body.append(bytes.substr(0, room));
  answer_.bytes += bytes.size();
  if (bytes.size() <= room) return true;
  answer_.body_cut = true;
  return false;
}

}  // namespace weir::io
