// One exchange by itself, for commands that need an answer and nothing else.
#pragma once

#include "io/http_client.h"

namespace weir::io {

// Waits for the whole of it, at most the request's timeout. A body of more than `body_bytes_max` is
// cut. kInvalid as of make_curl_client; what goes wrong with the exchange is in the answer.
Result<HttpAnswer> fetch(const CurlOptions& options, HttpRequest request,
                         std::size_t body_bytes_max);

}  // namespace weir::io
