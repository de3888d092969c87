// libcurl's multi interface, driven by the one thread that calls poll(). Connections are kept and
// reused by libcurl; the egress rules are applied where it opens a socket, to the address that it
// is about to connect.
#include "io/http_client.h"

#include <curl/curl.h>
#include <string.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <map>
#include <mutex>

#include "base/check.h"
#include "base/duration.h"
#include "io/address.h"
#include "io/http_answer.h"
#include "io/http_fetch.h"
#include "io/proxy.h"
#include "io/trusted.h"
#include "io/url.h"
#include "io/wiping_memory.h"

namespace weir::io {
namespace {

constexpr long kIdleConnectionsMax = 256;
constexpr std::size_t kDetailBytesMax = 200;

struct Exchange {
  ExchangeId id = 0;
  HttpRequest request;
  HttpAnswer answer;
  std::string origin;
  AnswerCollector collector{answer, {}};
  CURL* handle = nullptr;
  curl_slist* headers = nullptr;
  Egress egress = Egress::kPrivateAllowed;
  bool via_proxy = false;
  bool securing = false;  // connected, and TLS began
  TrustedCertificates* trusted = nullptr;
  int addresses_allowed = 0;
  AddressClass worst_refused = AddressClass::kPublic;
  char detail[CURL_ERROR_SIZE] = {};
};

bool is_allowed(AddressClass kind, Egress egress) {
  switch (kind) {
    case AddressClass::kPublic: return true;
    case AddressClass::kPrivate: return egress == Egress::kPrivateAllowed;
    case AddressClass::kForbidden: return false;
  }
  return false;
}

std::string_view words_for(AddressClass kind) {
  return kind == AddressClass::kForbidden
             ? "link-local, metadata, multicast and reserved addresses are never connected to"
             : "private and loopback addresses are not connected to with --egress public";
}

curl_socket_t open_socket(void* context, curlsocktype, curl_sockaddr* address) {
  auto& exchange = *static_cast<Exchange*>(context);
  const AddressClass kind = classify(address->addr);
  // A trusted proxy may stand in the private network, whatever the rule for receivers is.
  const Egress egress = exchange.via_proxy ? Egress::kPrivateAllowed : exchange.egress;
  if (!is_allowed(kind, egress)) {
    exchange.worst_refused = std::max(exchange.worst_refused, kind);
    return CURL_SOCKET_BAD;
  }
  ++exchange.addresses_allowed;
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

CURLcode on_tls(CURL*, void* ssl_context, void* context) {
  auto& exchange = *static_cast<Exchange*>(context);
  exchange.securing = true;  // libcurl calls a connection of this stage not connected yet
  const bool given = exchange.trusted->give_to(static_cast<ssl_ctx_st*>(ssl_context),
                                               std::chrono::steady_clock::now());
  return given ? CURLE_OK : CURLE_SSL_CACERT_BADFILE;
}

std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* context) {
  auto& exchange = *static_cast<Exchange*>(context);
  return exchange.collector.on_header({bytes, size * count}) ? size * count : 0;
}

std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* context) {
  auto& exchange = *static_cast<Exchange*>(context);
  return exchange.collector.on_body({bytes, size * count}) ? size * count : 0;
}

bool is_token(std::string_view text) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kOthers.find(c) != std::string_view::npos;
  });
}

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

// What is wrong with a request before anything is sent, in words; empty: nothing.
std::string problem_of(const HttpRequest& request) {
  constexpr std::string_view kBreaks("\r\n\0", 3);
  if (!is_token(request.method)) return "the method is no HTTP token";
  for (const char c : request.url.reveal())
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f)
      return "the url holds a space or a control character";
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name)) return "a header's name is no HTTP token";
    if (value.reveal().find_first_of(kBreaks) != std::string_view::npos)
      return fmt::format("header {} holds a line break or a NUL", name);
  }
  return {};
}

void wipe_and_free(curl_slist* list) {
  for (curl_slist* line = list; line != nullptr; line = line->next)
    ::explicit_bzero(line->data, ::strlen(line->data));
  ::curl_slist_free_all(list);
}

curl_slist* header_list(const HttpRequest& request) {
  curl_slist* list = nullptr;
  bool has_type = false;
  for (const auto& [name, value] : request.headers) {
    has_type = has_type || same_name(name, "content-type");
    // libcurl's own forms: "Name;" sends an empty value, "Name:" would remove the header.
    std::string line = name;
    line += value.reveal().empty() ? ";" : ": ";
    line += value.reveal();
    list = ::curl_slist_append(list, line.c_str());
    wipe(line);
  }
  list = ::curl_slist_append(list, "Expect:");
  if (!has_type) list = ::curl_slist_append(list, "Content-Type:");
  return list;
}

std::string_view phase_of(const Exchange& exchange) {
  const HttpAnswer& answer = exchange.answer;
  if (answer.first_byte.count() > 0) return "while the answer was read";
  curl_off_t sent = 0;
  ::curl_easy_getinfo(exchange.handle, CURLINFO_PRETRANSFER_TIME_T, &sent);
  if (sent > 0) return "while waiting for an answer";
  if (exchange.securing) return "while agreeing on encryption";
  if (answer.resolved.count() > 0) return "while connecting";
  return "while resolving the host name";
}

std::string system_words(CURL* handle, std::string_view otherwise) {
  long number = 0;
  ::curl_easy_getinfo(handle, CURLINFO_OS_ERRNO, &number);
  if (number == 0) return std::string(otherwise);
  char text[256];
  return ::strerror_r(static_cast<int>(number), text, sizeof text);
}

// libcurl's own words, for the codes whose words hold no more of the URL than its host.
std::string detail_of(const Exchange& exchange, CURLcode code) {
  std::string text = exchange.detail[0] != 0 ? exchange.detail : ::curl_easy_strerror(code);
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  if (text.size() > kDetailBytesMax) text.resize(kDetailBytesMax);
  return text;
}

std::string error_words(const Exchange& exchange, CURLcode code) {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return fmt::format("no complete answer within {}, {}",
                         format_duration(exchange.request.timeout), phase_of(exchange));
    case CURLE_COULDNT_RESOLVE_HOST: return "the host name cannot be resolved";
    case CURLE_COULDNT_RESOLVE_PROXY: return "the proxy's name cannot be resolved";
    case CURLE_COULDNT_CONNECT: return system_words(exchange.handle, "cannot connect");
    case CURLE_GOT_NOTHING: return "the connection ended without an answer";
    case CURLE_PARTIAL_FILE: return "the connection ended inside the answer";
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR: return system_words(exchange.handle, "the connection broke");
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_HTTP2:
    case CURLE_BAD_CONTENT_ENCODING: return "the answer is not HTTP";
    case CURLE_URL_MALFORMAT: return "the url cannot be understood";
    case CURLE_WRITE_ERROR:
      return fmt::format("the answer's headers exceed {} bytes", kHeaderBytesMax);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM: return detail_of(exchange, code);
    default: return ::curl_easy_strerror(code);
  }
}

// What the environment names, else what libcurl was built to trust.
std::string trusted_by_default(const char* variable, CURLINFO built_in) {
  if (const char* named = std::getenv(variable); named != nullptr && *named != 0) return named;
  CURL* handle = ::curl_easy_init();
  const char* path = nullptr;
  if (handle != nullptr) ::curl_easy_getinfo(handle, built_in, &path);
  std::string found = path == nullptr ? "" : path;
  ::curl_easy_cleanup(handle);
  return found;
}

class CurlClient final : public HttpClient {
 public:
  CurlClient(CURLM* multi, const CurlOptions& options, ProxySettings proxies,
             std::size_t body_bytes_max)
      : multi_(multi),
        options_(options),
        proxies_(std::move(proxies)),
        body_bytes_max_(body_bytes_max),
        trusted_(trusted_by_default("SSL_CERT_FILE", CURLINFO_CAINFO),
                 trusted_by_default("SSL_CERT_DIR", CURLINFO_CAPATH)) {
    ::curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, kIdleConnectionsMax);
  }

  ~CurlClient() override {
    for (auto& [id, exchange] : exchanges_) release(*exchange);
    ::curl_multi_cleanup(multi_);
  }

  void start(ExchangeId id, HttpRequest request) override {
    WEIR_CHECK(exchanges_.count(id) == 0);
    auto exchange = std::make_unique<Exchange>();
    exchange->id = id;
    exchange->egress = options_.egress;
    exchange->collector.set_body_bytes_max(body_bytes_max_);
    exchange->request = std::move(request);
    exchange->origin = origin_of(exchange->request.url.reveal());
    if (Status status = prepare(*exchange); !status) {
      exchange->answer.error = exchange->origin + ": " + status.error().message;
      exchange->answer.refused = status.error().code == Code::kRefused;
      release(*exchange);
      finished_.push_back({id, std::move(exchange->answer)});
      return;
    }
    exchanges_[id] = std::move(exchange);
  }

  void cancel(ExchangeId id) override {
    if (const auto found = exchanges_.find(id); found != exchanges_.end()) {
      release(*found->second);
      exchanges_.erase(found);
    }
    std::erase_if(finished_, [&](const Exchanged& done) { return done.id == id; });
  }

  std::vector<Exchanged> poll(std::chrono::milliseconds wait) override {
    const auto deadline = std::chrono::steady_clock::now() + wait;
    for (;;) {
      int running = 0;
      ::curl_multi_perform(multi_, &running);
      collect();
      if (woken_.exchange(false) || !finished_.empty()) break;
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
      if (left.count() <= 0) break;
      const auto bounded = std::min(left, std::chrono::milliseconds(std::chrono::hours(1)));
      ::curl_multi_poll(multi_, nullptr, 0, static_cast<int>(bounded.count()), nullptr);
    }
    return std::exchange(finished_, {});
  }

  void wake() override {
    woken_ = true;
    ::curl_multi_wakeup(multi_);
  }

 private:
  // Judges the request and hands it to libcurl. kRefused: by the egress rules.
  Status prepare(Exchange& exchange) {
    if (std::string problem = problem_of(exchange.request); !problem.empty())
      return error(Code::kInvalid, "{}", problem);
    const auto url = parse_url(exchange.request.url.reveal());
    if (!url) return error(Code::kInvalid, "the url cannot be understood");
    if (url->scheme != "http" && url->scheme != "https")
      return error(Code::kInvalid, "only http and https are spoken");
    const std::string proxy = proxy_for(proxies_, url->scheme, url->host, url->port_number);
    exchange.via_proxy = !proxy.empty();
    // Behind a proxy the receiver's address is not ours to see, but a literal one can be judged.
    const AddressClass literal = classify_literal(url->host);
    if (exchange.via_proxy && !is_allowed(literal, options_.egress))
      return error(Code::kRefused, "{}", words_for(literal));

    // A new one each time: a handle that is reset still holds the path of its last URL. Connections
    // are kept with multi_.
    exchange.handle = ::curl_easy_init();
    if (exchange.handle == nullptr) return error(Code::kFull, "no memory for a request");
    exchange.headers = header_list(exchange.request);
    set_transfer(exchange);
    set_connection(exchange, proxy);
    if (const CURLMcode code = ::curl_multi_add_handle(multi_, exchange.handle); code != CURLM_OK)
      return error(Code::kUnavailable, "{}", ::curl_multi_strerror(code));
    return {};
  }

  static void set_transfer(Exchange& exchange) {
    CURL* handle = exchange.handle;
    const std::string_view body = exchange.request.body.reveal();
    std::string url(exchange.request.url.reveal());
    ::curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
    wipe(url);
    if (exchange.request.method == "GET" && body.empty()) {
      ::curl_easy_setopt(handle, CURLOPT_HTTPGET, 1L);
    } else if (exchange.request.method == "HEAD") {
      ::curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
    } else {
      ::curl_easy_setopt(handle, CURLOPT_POST, 1L);
      ::curl_easy_setopt(handle, CURLOPT_POSTFIELDS, body.data());
      ::curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
      ::curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, exchange.request.method.c_str());
    }
    ::curl_easy_setopt(handle, CURLOPT_HTTPHEADER, exchange.headers);
    ::curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS,
                       std::max<long>(1, static_cast<long>(exchange.request.timeout.count())));
    ::curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS,
                       std::max<long>(1, static_cast<long>(exchange.request.timeout.count())));
    ::curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, &on_header);
    ::curl_easy_setopt(handle, CURLOPT_HEADERDATA, &exchange);
    ::curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &on_body);
    ::curl_easy_setopt(handle, CURLOPT_WRITEDATA, &exchange);
    ::curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, exchange.detail);
    ::curl_easy_setopt(handle, CURLOPT_PRIVATE, &exchange);
    exchange.collector.set_url(exchange.request.url.reveal());
  }

  void set_connection(Exchange& exchange, const std::string& proxy) {
    CURL* handle = exchange.handle;
    ::curl_easy_setopt(handle, CURLOPT_SSL_CTX_FUNCTION, &on_tls);
    ::curl_easy_setopt(handle, CURLOPT_SSL_CTX_DATA, &exchange);
    ::curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    ::curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    ::curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    ::curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    // A name server that does not answer must not hold up cancel() or the end of the client.
    ::curl_easy_setopt(handle, CURLOPT_QUICK_EXIT, 1L);
    ::curl_easy_setopt(handle, CURLOPT_TCP_KEEPALIVE, 1L);
    ::curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, &open_socket);
    ::curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, &exchange);
    ::curl_easy_setopt(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    // Set even where there is none, or libcurl would read the environment itself.
    ::curl_easy_setopt(handle, CURLOPT_PROXY, proxy.c_str());
    ::curl_easy_setopt(handle, CURLOPT_NOPROXY, "");
    if (!options_.user_agent.empty())
      ::curl_easy_setopt(handle, CURLOPT_USERAGENT, options_.user_agent.c_str());
    // All that is trusted comes by on_tls().
    ::curl_easy_setopt(handle, CURLOPT_CAINFO, nullptr);
    ::curl_easy_setopt(handle, CURLOPT_CAPATH, nullptr);
    exchange.trusted = &trusted_;
  }

  void release(Exchange& exchange) {
    if (exchange.handle != nullptr) {
      ::curl_multi_remove_handle(multi_, exchange.handle);
      ::curl_easy_cleanup(exchange.handle);
      exchange.handle = nullptr;
    }
    wipe_and_free(std::exchange(exchange.headers, nullptr));
  }

  void collect() {
    int left = 0;
    while (CURLMsg* message = ::curl_multi_info_read(multi_, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      const CURLcode code = message->data.result;
      Exchange* exchange = nullptr;
      ::curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &exchange);
      finish(*exchange, code);
      release(*exchange);
      const ExchangeId id = exchange->id;
      finished_.push_back({id, std::move(exchange->answer)});
      exchanges_.erase(id);
    }
  }

  static void finish(Exchange& exchange, CURLcode code) {
    HttpAnswer& answer = exchange.answer;
    const auto time = [&](CURLINFO which) {
      curl_off_t microseconds = 0;
      ::curl_easy_getinfo(exchange.handle, which, &microseconds);
      return std::chrono::microseconds(microseconds);
    };
    answer.resolved = time(CURLINFO_NAMELOOKUP_TIME_T);
    answer.connected = time(CURLINFO_CONNECT_TIME_T);
    answer.secured = time(CURLINFO_APPCONNECT_TIME_T);
    answer.first_byte = time(CURLINFO_STARTTRANSFER_TIME_T);
    answer.total = time(CURLINFO_TOTAL_TIME_T);
    long status = 0;
    ::curl_easy_getinfo(exchange.handle, CURLINFO_RESPONSE_CODE, &status);
    if (code == CURLE_OK || (code == CURLE_WRITE_ERROR && answer.body_cut)) {
      answer.status = static_cast<int>(status);
      if (answer.status > 0) return;
      code = CURLE_GOT_NOTHING;
    }
    answer.refused =
        exchange.worst_refused != AddressClass::kPublic && exchange.addresses_allowed == 0;
    long proxy_status = 0;
    ::curl_easy_getinfo(exchange.handle, CURLINFO_HTTP_CONNECTCODE, &proxy_status);
    std::string words = answer.refused        ? std::string(words_for(exchange.worst_refused))
                        : proxy_status >= 300 ? fmt::format("the proxy answered {}", proxy_status)
                                              : error_words(exchange, code);
    answer.error = exchange.origin + ": " + words;
  }

  CURLM* multi_;
  const CurlOptions options_;
  const ProxySettings proxies_;
  const std::size_t body_bytes_max_;
  TrustedCertificates trusted_;
  std::map<ExchangeId, std::unique_ptr<Exchange>> exchanges_;
  std::vector<Exchanged> finished_;
  std::atomic<bool> woken_{false};
};

Result<std::unique_ptr<HttpClient>> make_client(const CurlOptions& options,
                                                std::size_t body_bytes_max) {
  static std::once_flag once;
  static CURLcode initialised = CURLE_OK;
  std::call_once(once, [] {
    initialised = ::curl_global_init_mem(CURL_GLOBAL_DEFAULT, &wiping_malloc, &wiping_free,
                                         &wiping_realloc, &wiping_strdup, &wiping_calloc);
  });
  if (initialised != CURLE_OK)
    return error(Code::kUnavailable, "libcurl: {}", ::curl_easy_strerror(initialised));
  const char* tls = ::curl_version_info(CURLVERSION_NOW)->ssl_version;
  if (tls == nullptr || !std::string_view(tls).starts_with("OpenSSL/"))
    return error(Code::kUnavailable,
                 "this libcurl does not use OpenSSL, whose certificates are given to it");
  ProxySettings proxies = proxy_settings_of_environment();
  if (proxies.any() && options.egress == Egress::kPublic && !options.proxy_trusted)
    return error(
        Code::kInvalid,
        "the environment names a proxy (http_proxy, https_proxy or all_proxy), behind which "
        "--egress public cannot check where requests go; unset it, or say --proxy-trusted");
  CURLM* multi = ::curl_multi_init();
  if (multi == nullptr) return error(Code::kFull, "libcurl: no memory");
  return std::unique_ptr<HttpClient>(
      new CurlClient(multi, options, std::move(proxies), body_bytes_max));
}

}  // namespace

Result<std::unique_ptr<HttpClient>> make_curl_client(const CurlOptions& options) {
  return make_client(options, kResponseBytesMax);
}

Result<HttpAnswer> fetch(const CurlOptions& options, HttpRequest request,
                         std::size_t body_bytes_max) {
  const std::chrono::milliseconds timeout = request.timeout;
  WEIR_TRY(const std::unique_ptr<HttpClient> client, make_client(options, body_bytes_max));
  client->start(0, std::move(request));
  for (;;) {
    std::vector<Exchanged> finished = client->poll(timeout);
    if (!finished.empty()) return std::move(finished.front().answer);
  }
}

}  // namespace weir::io
