#include "app/http_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "io/file.h"

namespace weir::app {
namespace {

constexpr std::string_view kWanted =
    "wants a port, or an address and a port: 8417, 127.0.0.1:8417, [::1]:8417, 0.0.0.0:8417";

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

bool starts_with_word(std::string_view text, std::string_view word) {
  return text.size() > word.size() && text[word.size()] == ' ' &&
         std::equal(word.begin(), word.end(), text.begin(),
                    [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); });
}

// Looks at every byte whatever it finds; only lengths can be told from the time it takes.
bool is_same(std::string_view a, std::string_view b) {
  volatile unsigned char difference = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < b.size(); ++i) {
    const char left = a.empty() ? '\0' : a[i % a.size()];
    difference = difference | static_cast<unsigned char>(left ^ b[i]);
  }
  return difference == 0;
}

}  // namespace

bool HttpAddress::loopback() const {
  return address == "::1" || address.starts_with("127.");
}

Result<HttpAddress> parse_http_address(std::string_view text) {
  HttpAddress out;
  std::string_view port = text;
  if (const std::size_t colon = text.rfind(':'); colon != std::string_view::npos) {
    std::string_view host = text.substr(0, colon);
    port = text.substr(colon + 1);
    const bool bracketed = host.starts_with('[') && host.ends_with(']');
    if (bracketed) host = host.substr(1, host.size() - 2);
    if (host == "localhost") host = "127.0.0.1";
    if (!host.empty()) out.address = host;
    in_addr four{};
    in6_addr six{};
    const bool valid = bracketed ? ::inet_pton(AF_INET6, out.address.c_str(), &six) == 1
                                 : ::inet_pton(AF_INET, out.address.c_str(), &four) == 1;
    if (!valid) return error(Code::kInvalid, "\"{}\" is no IP address; --http {}", host, kWanted);
  }
  const auto [end, failure] = std::from_chars(port.data(), port.data() + port.size(), out.port);
  if (port.empty() || failure != std::errc() || end != port.data() + port.size())
    return error(Code::kInvalid, "\"{}\" is no port; --http {}", port, kWanted);
  return out;
}

Result<Secret> read_http_token(const char* value, const std::string& file) {
  const bool has_value = value != nullptr && *value != '\0';
  if (!has_value && file.empty()) return Secret();
  if (has_value && !file.empty()) {
    return error(Code::kInvalid,
                 "the HTTP token is given twice: by WEIR_HTTP_TOKEN and by a file; leave one out");
  }
  const std::string place = has_value ? "WEIR_HTTP_TOKEN" : file;
  std::string text = has_value ? value : "";
  if (!has_value) {
    auto read = io::read_file(file, kTokenBytesMax + 2);
    if (!read) return tl::unexpected(with_context("the HTTP token", std::move(read).error()));
    text = *std::move(read);
  }
  Secret whole(std::move(text));
  const std::string_view line = whole.reveal().substr(0, whole.reveal().find_first_of("\r\n"));
  if (line.size() < kTokenBytesMin || line.size() > kTokenBytesMax || !is_printable(line)) {
    return error(Code::kInvalid,
                 "{}: an HTTP token is {} to {} printable characters without blanks, such as "
                 "`openssl rand -hex 24` prints",
                 place, kTokenBytesMin, kTokenBytesMax);
  }
  return Secret(std::string(line));
}

bool bears_token(std::string_view authorization, const Secret& token) {
  if (starts_with_word(authorization, "bearer"))
    return is_same(authorization.substr(7), token.reveal());
  if (!starts_with_word(authorization, "basic")) return false;
  const auto pair = from_base64(authorization.substr(6));
  if (!pair) return false;
  const std::size_t colon = pair->find(':');
  return colon != std::string::npos &&
         is_same(std::string_view(*pair).substr(colon + 1), token.reveal());
}

}  // namespace weir::app
