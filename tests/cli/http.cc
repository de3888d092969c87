#include "tests/cli/http.h"

#include <fmt/format.h>

#include "io/test_server.h"

namespace weir::cli {

HttpAnswer parse_answer(const std::string& text) {
  HttpAnswer answer;
  const std::size_t head_end = text.find("\r\n\r\n");
  if (head_end == std::string::npos || text.size() < 12) return answer;
  answer.status = std::atoi(text.substr(9, 3).c_str());
  std::size_t at = text.find("\r\n") + 2;
  while (at < head_end) {
    const std::size_t end = text.find("\r\n", at);
    const std::size_t colon = text.find(':', at);
    std::string name = text.substr(at, colon - at);
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    answer.headers[name] = text.substr(colon + 2, end - colon - 2);
    at = end + 2;
  }
  answer.body = text.substr(head_end + 4);
  return answer;
}

std::string request_text(const std::string& method, const std::string& path,
                         const std::string& body, const Headers& headers) {
  bool has_host = false;
  std::string text = fmt::format("{} {} HTTP/1.1\r\nConnection: close\r\n", method, path);
  for (const std::string& header : headers) {
    text += header + "\r\n";
    has_host = has_host || header.starts_with("Host:");
  }
  if (!has_host) text += "Host: localhost\r\n";
  if (method == "POST") text += fmt::format("Content-Length: {}\r\n", body.size());
  return text + "\r\n" + body;
}

HttpAnswer get(int port, const std::string& path, const Headers& headers) {
  io::TestPeer peer(io::connect_to(port));
  peer.send(request_text("GET", path, "", headers));
  return parse_answer(peer.rest());
}

HttpAnswer post(int port, const std::string& path, const std::string& body,
                const Headers& headers) {
  io::TestPeer peer(io::connect_to(port));
  peer.send(request_text("POST", path, body, headers));
  return parse_answer(peer.rest());
}

Service serve(const Folder& folder, const Words& more) {
  Words words{"run", "--http", "127.0.0.1:0"};
  words.insert(words.end(), more.begin(), more.end());
  Service service;
  service.running = folder.start(words);
  const std::string line = service.running->wait_for_log("listening");
  service.port = std::atoi(line.substr(line.rfind(':') + 1).c_str());
  return service;
}

}  // namespace weir::cli
