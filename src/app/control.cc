#include "app/control.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>

#include "app/output.h"
#include "app/socket_io.h"
#include "base/log.h"
#include "io/file.h"
#include "io/thread.h"
#include "json/events.h"

namespace weir::app {
namespace {

constexpr std::string_view kSuffix = ".sock";
constexpr std::string_view kElsewhere = "{\"elsewhere\":true}";
constexpr Code kCodes[] = {Code::kInvalid,     Code::kNotFound, Code::kRefused, Code::kSealed,
                           Code::kUnavailable, Code::kFull,     Code::kUnknown, Code::kCorrupt,
                           Code::kLimit,       Code::kCancelled};

std::string text_of(const json::Value& object, std::string_view name) {
  const json::Value* value = object.find(name);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

std::string as_json(const Result<std::string>& answer) {
  JsonRows rows;
  rows.begin();
  if (answer) {
    rows.text("answer", *answer);
  } else {
    rows.text("error", answer.error().message);
    rows.text("code", name_of(answer.error().code));
  }
  return JsonRows::line(rows);
}

Result<std::string> answer_of(std::string_view line) {
  WEIR_TRY(const json::Tree tree, json::parse_tree(line));
  if (tree.root.find("answer") != nullptr) return text_of(tree.root, "answer");
  const std::string code = text_of(tree.root, "code");
  for (const Code candidate : kCodes) {
    if (name_of(candidate) == code)
      return tl::unexpected(Error{candidate, text_of(tree.root, "error")});
  }
  return error(Code::kCorrupt, "the running process answered with something else");
}

// Sockets that processes left behind when they died.
Result<std::vector<std::string>> living_sockets(const std::string& folder, bool sweep) {
  auto entries = io::list_folder(folder);
  if (!entries && entries.error().code == Code::kNotFound) return std::vector<std::string>();
  if (!entries) return tl::unexpected(entries.error());
  std::vector<std::string> names;
  for (const io::FolderEntry& entry : *entries) {
    if (!entry.name.ends_with(kSuffix)) continue;
    const auto connected = connect_socket(folder, entry.name);
    if (connected) names.push_back(entry.name);
    if (!connected && connected.error().code == Code::kNotFound && sweep) {
      WEIR_RETURN_IF_ERROR(io::remove_file(folder + "/" + entry.name));
    }
  }
  return names;
}

class Server : public ControlServer {
 public:
  Server(std::string folder, std::string name, Descriptor socket, ControlHandlers handlers)
      : folder_(std::move(folder)),
        name_(std::move(name)),
        socket_(std::move(socket)),
        handlers_(std::move(handlers)),
        thread_("weir control", [this] { serve(); }) {}

  ~Server() override {
    stopping_ = true;
    ::shutdown(socket_.get(), SHUT_RDWR);  // ends the wait for connections
    thread_.join();
    (void)io::remove_file(folder_ + "/" + name_);
  }

 private:
  void serve() {
    while (!stopping_) {
      pollfd entry{socket_.get(), POLLIN, 0};
      if (::poll(&entry, 1, -1) < 0) continue;
      Descriptor peer(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
      if (peer.get() >= 0 && !stopping_) answer(peer.get());
    }
  }

  void answer(int peer) {
    const auto request = read_line(peer, kControlRequestMax, kControlWait);
    if (!request) return;  // gone, or only looking whether anybody is here
    (void)write_line(peer, response_to(*request), kControlWait);
  }

  std::string response_to(const std::string& request) {
    const auto tree = json::parse_tree(request);
    if (!tree) return as_json(error(Code::kInvalid, "the request is no JSON"));
    const std::string word = text_of(tree->root, "command");
    if (word == "status") {
      std::string response = "[";
      for (const runtime::TaskStatus& status : handlers_.status()) {
        if (response.size() > 1) response += ',';
        response += runtime::to_json(status);
      }
      return response + "]";
    }
    if (word != "redeliver" && word != "discard") {
      return as_json(error(Code::kInvalid, "the running process knows no command \"{}\"", word));
    }
    runtime::Command command;
    command.kind =
        word == "discard" ? runtime::Command::Kind::kDiscard : runtime::Command::Kind::kRedeliver;
    command.trigger = text_of(tree->root, "trigger");
    command.request_id = text_of(tree->root, "request_id");
    const std::string materialization = text_of(tree->root, "materialization");
    if (!handlers_.runs(materialization)) return std::string(kElsewhere);
    return as_json(handlers_.carry_out(materialization, std::move(command)));
  }

  const std::string folder_;
  const std::string name_;
  Descriptor socket_;
  ControlHandlers handlers_;
  std::atomic<bool> stopping_ = false;
  io::Thread thread_;  // last: started when all else is ready
};

}  // namespace

Result<std::unique_ptr<ControlServer>> ControlServer::start(const std::string& folder,
                                                            ControlHandlers handlers) {
  WEIR_RETURN_IF_ERROR(io::make_folders(folder, 0700));
  WEIR_TRY(const auto living, living_sockets(folder, true));
  const std::string name = fmt::format("{}{}", ::getpid(), kSuffix);
  WEIR_TRY(Descriptor socket, bind_socket(folder, name));
  return std::unique_ptr<ControlServer>(
      std::make_unique<Server>(folder, name, std::move(socket), std::move(handlers)));
}

namespace {

Result<std::string> ask(int socket, const std::string& request) {
  WEIR_RETURN_IF_ERROR(write_line(socket, request, kControlWait));
  return read_line(socket, kControlResponseMax, kControlWait * 2);
}

}  // namespace

Result<std::vector<std::string>> ControlClient::ask_all(const std::string& request) const {
  WEIR_TRY(const auto names, living_sockets(folder_, false));
  std::vector<std::string> responses;
  for (const std::string& name : names) {
    const auto socket = connect_socket(folder_, name);
    if (!socket && socket.error().code == Code::kNotFound) continue;  // it ended meanwhile
    if (!socket) return tl::unexpected(socket.error());
    auto response = ask(socket->get(), request);
    if (!response && response.error().code == Code::kUnavailable) {
      return error(Code::kUnavailable,
                   "process {}, which runs on {}, does not answer: {}; if it hangs or was stopped, "
                   "kill -9 is safe, and the next process goes on from there",
                   name.substr(0, name.find('.')), folder_, response.error().message);
    }
    if (!response) return tl::unexpected(response.error());
    responses.push_back(*std::move(response));
  }
  return responses;
}

Result<std::vector<runtime::TaskStatus>> ControlClient::status() const {
  WEIR_TRY(const auto responses, ask_all("{\"command\":\"status\"}"));
  std::vector<runtime::TaskStatus> all;
  for (const std::string& response : responses) {
    WEIR_TRY(const json::Tree tree, json::parse_tree(response));
    if (!tree.root.is_array())
      return error(Code::kCorrupt, "the running process answered with something else");
    for (const json::Value& item : tree.root.items()) {
      WEIR_TRY(runtime::TaskStatus status, runtime::status_from_json(json::to_text(item)));
      all.push_back(std::move(status));
    }
  }
  return all;
}

Result<std::optional<std::string>> ControlClient::carry_out(const std::string& materialization,
                                                            const runtime::Command& command) const {
  JsonRows rows;
  rows.begin();
  rows.text("command", command.kind == runtime::Command::Kind::kDiscard ? "discard" : "redeliver");
  rows.text("materialization", materialization);
  rows.text("trigger", command.trigger);
  rows.text("request_id", command.request_id);
  WEIR_TRY(const auto responses, ask_all(JsonRows::line(rows)));
  for (const std::string& response : responses) {
    if (response == kElsewhere) continue;
    WEIR_TRY(std::string answer, answer_of(response));
    return answer;
  }
  return std::nullopt;
}

}  // namespace weir::app
