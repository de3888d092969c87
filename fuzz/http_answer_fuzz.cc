// What a receiver answers: any bytes, in any pieces, stay within bounds, and nothing of them that
// is shown to a person holds a control character or more of a URL than its origin.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "io/http_answer.h"

namespace {

bool printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return c >= 0x20 && c < 0x7f; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace weir::io;
  std::string_view text(reinterpret_cast<const char*>(bytes), size);
  HttpAnswer answer;
  AnswerCollector collector(answer, "https://user:word@receiver.example:8443/hook?token=secret");
  // Lines up to an empty one are headers, the rest is body.
  bool more = true;
  while (more && !text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end);
    if (line == "\n" || line == "\r\n") break;
    more = collector.on_header(line);
  }
  for (std::size_t piece = 1; more && !text.empty(); piece = piece * 2 + 1) {
    const std::size_t length = std::min(piece, text.size());
    more = collector.on_body(text.substr(0, length));
    text.remove_prefix(length);
  }
  WEIR_CHECK(answer.body.size() <= kResponseBytesMax);
  WEIR_CHECK(answer.retry_after.size() <= kRetryAfterBytesMax);
  WEIR_CHECK(printable(answer.retry_after));
  WEIR_CHECK(printable(answer.location));
  WEIR_CHECK(answer.location.find("secret") == std::string::npos ||
             std::string_view(reinterpret_cast<const char*>(bytes), size).find("secret") !=
                 std::string_view::npos);
  return 0;
}
