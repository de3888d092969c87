// The config-encryption service: POST /v1/encrypt-config with a schema and a config; the answer is
// the config with its secrets encrypted. Both sides of it.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "io/http_server.h"
#include "secrets/sops_stanza.h"

namespace weir::app {

inline constexpr std::size_t kServiceBodyMax = 16u << 20;   // of a request to ours
inline constexpr std::size_t kServiceAnswerMax = 4u << 20;  // of any service

// What one request is answered. Errors are {"error": id, "description": text, "details"?: …} with
// the published ids; what the caller sent is never logged, and its values are not in the answer but
// encrypted. Safe from several threads.
class SecretService {
 public:
  // `stanza` says for whom; nothing wrapped yet.
  explicit SecretService(secrets::SopsStanza stanza) : stanza_(std::move(stanza)) {}
  io::ServerResponse answer(const io::ServerRequest& request) const;

 private:
  const secrets::SopsStanza stanza_;
};

// Asks a service. `config` is JSON. kUnavailable: no answer; kInvalid: what the service said.
Result<std::string> ask_service(const std::string& url, const std::string& schema,
                                const Secret& config);

}  // namespace weir::app
