// A client that says exactly what the test says: one request on one connection.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/cli/program.h"

namespace weir::cli {

struct HttpAnswer {
  int status = 0;                              // 0: the connection ended without an answer
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

// The text of an answer taken apart.
HttpAnswer parse_answer(const std::string& text);

using Headers = std::vector<std::string>;  // "Name: value"
HttpAnswer get(int port, const std::string& path, const Headers& headers = {});
HttpAnswer post(int port, const std::string& path, const std::string& body,
                const Headers& headers = {});
// What they send.
std::string request_text(const std::string& method, const std::string& path,
                         const std::string& body, const Headers& headers);

// `weir run --http 127.0.0.1:0` with these words behind it, once it listens.
struct Service {
  std::unique_ptr<Running> running;
  int port = 0;
};
Service serve(const Folder& folder, const Words& more = {});

}  // namespace weir::cli
