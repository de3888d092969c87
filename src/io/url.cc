#include "io/url.h"

#include <curl/curl.h>

#include <charconv>
#include <memory>

#include "io/http_client.h"

namespace weir::io {
namespace {

struct Cleanup {
  void operator()(CURLU* handle) const { ::curl_url_cleanup(handle); }
};
using Handle = std::unique_ptr<CURLU, Cleanup>;

// The second time on one handle: relative to the first.
bool set(const Handle& handle, std::string_view text) {
  if (text.size() > kUrlBytesMax || text.find('\0') != std::string_view::npos) return false;
  const std::string terminated(text);
  return ::curl_url_set(handle.get(), CURLUPART_URL, terminated.c_str(),
                        CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK;
}

std::string part(const Handle& handle, CURLUPart which, unsigned flags = 0) {
  char* text = nullptr;
  if (::curl_url_get(handle.get(), which, &text, flags) != CURLUE_OK) return {};
  std::string copy(text);
  ::curl_free(text);
  return copy;
}

std::optional<UrlParts> parts(const Handle& handle) {
  UrlParts found;
  found.scheme = part(handle, CURLUPART_SCHEME);
  found.host = part(handle, CURLUPART_HOST);
  found.port = part(handle, CURLUPART_PORT);
  const std::string port = part(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  std::from_chars(port.data(), port.data() + port.size(), found.port_number);
  if (found.host.empty()) return std::nullopt;
  return found;
}

}  // namespace

std::string UrlParts::origin() const {
  std::string text = scheme + "://" + host + (port.empty() ? "" : ":" + port);
  // Host names come from outside, too.
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x21 || static_cast<unsigned char>(c) > 0x7e) c = '?';
  if (text.size() > kOriginBytesMax) text.resize(kOriginBytesMax);
  return text;
}

std::optional<UrlParts> parse_url(std::string_view url) {
  const Handle handle(::curl_url());
  if (handle == nullptr || !set(handle, url)) return std::nullopt;
  return parts(handle);
}

std::optional<UrlParts> resolve_url(std::string_view base, std::string_view reference) {
  const Handle handle(::curl_url());
  if (handle == nullptr || !set(handle, base) || !set(handle, reference)) return std::nullopt;
  return parts(handle);
}

std::string origin_of(std::string_view url) {
  const auto found = parse_url(url);
  return found ? found->origin() : "(no url)";
}

}  // namespace weir::io
