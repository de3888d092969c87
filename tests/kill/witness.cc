#include "tests/kill/witness.h"

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <optional>

#include "base/text.h"
#include "delivery/identity.h"
#include "delivery/window.h"
#include "json/events.h"
#include "json/number.h"
#include "protocol/checkpoint.h"

namespace weir::kill {
namespace {

constexpr int kBusyMilliseconds = 20'000;
constexpr int kBindTries = 200;

// The checkpoint's text, or nothing while there is none.
std::optional<std::string> checkpoint_of(const std::string& database,
                                         const std::string& materialization) {
  sqlite3* handle = nullptr;
  sqlite3_stmt* statement = nullptr;
  std::optional<std::string> found;
  if (sqlite3_open_v2(database.c_str(), &handle, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK) {
    sqlite3_busy_timeout(handle, kBusyMilliseconds);
    const char* query = "SELECT checkpoint FROM flow_checkpoints_v1 WHERE materialization = ?";
    if (sqlite3_prepare_v2(handle, query, -1, &statement, nullptr) == SQLITE_OK) {
      sqlite3_bind_text(statement, 1, materialization.c_str(), -1, SQLITE_TRANSIENT);
      if (sqlite3_step(statement) == SQLITE_ROW) {
        found = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
      }
    }
  }
  sqlite3_finalize(statement);
  sqlite3_close(handle);
  return found;
}

std::uint64_t number(const json::Value& value, std::string_view name) {
  const json::Value* found = value.find(name);
  return found != nullptr && found->is_number() ? json::to_uint64(found->number_text()).value_or(0)
                                                : 0;
}

std::string text_of(const json::Value& value, std::string_view name) {
  const json::Value* found = value.find(name);
  return found != nullptr && found->is_string() ? std::string(found->as_string()) : "";
}

// The id that a request of this window has, should it be sent.
void learn(const std::string& materialization, const std::string& identity,
           const json::Value& window, std::set<std::string>& known) {
  const std::uint64_t through = number(window, "through");
  known.insert(delivery::request_id(materialization, identity,
                                    {text_of(window, "session"), through}, number(window, "after"),
                                    through));
}

void learn_all(const std::string& materialization, const json::Value& entry,
               std::set<std::string>& known) {
  const json::Value* triggers = entry.find("triggers");
  if (triggers == nullptr || !triggers->is_object()) return;
  for (const json::Member& trigger : triggers->members()) {
    const std::string identity(trigger.name);
    const json::Value* cut = trigger.value.find("cut");
    const json::Value* open = trigger.value.find("open");
    if (cut != nullptr && cut->is_array()) {
      for (const json::Value& window : cut->items())
        learn(materialization, identity, window, known);
    }
    if (open != nullptr && open->is_object()) learn(materialization, identity, *open, known);
  }
}

}  // namespace

// --- the judges ---

Verdict judge(const Record& record, const std::set<std::string>& triggers) {
  Verdict verdict;
  std::set<std::string> rows(record.rows.begin(), record.rows.end());
  std::vector<std::string> documents;
  for (const Record::Batch& batch : record.batches) {
    const bool counts =
        batch.acknowledged || rows.count(fmt::format("{{\"id\":{},\"total\":1}}", batch.mark)) != 0;
    if (counts) documents.insert(documents.end(), batch.documents.begin(), batch.documents.end());
  }
  verdict.rows = judges::judge_rows(documents, record.rows);
  const auto sort = [&](const std::string& line) {
    if (line.starts_with("phantom")) {
      verdict.phantom.push_back(line);
    } else if (line.find(": told up to ") != std::string::npos ||
               line.find("] follows ") != std::string::npos) {
      verdict.lost.push_back(line);
    } else {
      verdict.words.push_back(line);
    }
  };
  for (const std::string& line : record.at_once) sort(line);
  for (const std::string& line : judges::judge_requests(record.seen, triggers, record.committed))
    sort(line);
  return verdict;
}

std::string Verdict::text() const {
  std::string out;
  for (const auto& [name, lines] :
       {std::pair("rows", &rows), {"lost", &lost}, {"phantom", &phantom}, {"words", &words}}) {
    for (const std::string& line : *lines) out += fmt::format("{}: {}\n", name, line);
  }
  return out;
}

// --- Witness ---

Witness::Witness(std::string database, std::string materialization)
    : database_(std::move(database)), materialization_(std::move(materialization)) {
  up();
}

std::string Witness::url() const {
  return fmt::format("http://127.0.0.1:{}/", port_);
}

void Witness::down() {
  server_.reset();
}

void Witness::up() {
  if (server_ != nullptr) return;
  const auto handler = [this](const io::ServerRequest& request) { return answer(request); };
  // The port may rest for a moment after its last owner.
  for (int i = 0; i < kBindTries && server_ == nullptr; ++i) {
    auto started = io::HttpServer::start({.port = port_}, handler);
    if (started) server_ = std::move(*started);
    if (!started) wait_for(requests() + 1, std::chrono::milliseconds(20));
  }
  ASSERT_NE(server_, nullptr) << "port " << port_ << " is taken";
  port_ = server_->port();
}

void Witness::set_on_request(OnRequest on_request) {
  const std::lock_guard lock(mutex_);
  on_request_ = std::move(on_request);
}

bool Witness::wait_for(std::size_t requests, std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [&] { return seen_.size() >= requests; });
}

std::size_t Witness::requests() const {
  const std::lock_guard lock(mutex_);
  return seen_.size();
}

bool Witness::locked() const {
  sqlite3* handle = nullptr;
  int got = sqlite3_open_v2(database_.c_str(), &handle, SQLITE_OPEN_READWRITE, nullptr);
  if (got == SQLITE_OK) got = sqlite3_exec(handle, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
  sqlite3_close(handle);
  return got != SQLITE_OK;
}

void Witness::look() {
  const std::lock_guard lock(mutex_);
  look_locked();
}

void Witness::look_locked() {
  const auto text = checkpoint_of(database_, materialization_);
  const auto bytes = text ? from_base64(*text) : std::nullopt;
  const auto checkpoint = bytes ? protocol::decode_checkpoint(*bytes) : protocol::Checkpoint{};
  if (!checkpoint) {
    broken_.push_back("the checkpoint is none");
    return;
  }
  const auto entry = checkpoint->ack_intents.find(std::string(delivery::kEntryKey));
  if (entry == checkpoint->ack_intents.end()) return;
  const auto tree = json::parse_tree(entry->second, json::Duplicates::kLastWins);
  if (!tree) {
    broken_.push_back("the checkpoint's entry is no JSON");
    return;
  }
  const std::uint64_t n = number(tree->root, "n");
  if (n < committed_) broken_.push_back(fmt::format("transaction {} after {}", n, committed_));
  committed_ = n;
  learn_all(materialization_, tree->root, known_);
}

io::ServerResponse Witness::answer(const io::ServerRequest& request) {
  const std::lock_guard lock(mutex_);
  look_locked();
  const testing::SeenRequest got{.exchange = {},
                                 .method = request.method,
                                 .url = request.path,
                                 .headers = request.headers,
                                 .body = request.body};
  judges::Seen seen = judges::read(got, false, broken_);
  if (known_.count(seen.id) == 0) {
    broken_.push_back(fmt::format("phantom: {} was told of ({}, {}] when {} was committed",
                                  seen.trigger, seen.after, seen.through, committed_));
  }
  const Answer answer = on_request_ ? on_request_(seen) : Answer::kAccept;
  seen.accepted = answer == Answer::kAccept;
  seen_.push_back(std::move(seen));
  changed_.notify_all();
  io::ServerResponse response;
  response.status = answer == Answer::kRefuse ? 503 : 200;
  response.close = answer == Answer::kHangUp;
  return response;
}

void Witness::fill(Record& record) const {
  const std::lock_guard lock(mutex_);
  record.seen = seen_;
  record.at_once = broken_;
  record.committed = committed_;
}

}  // namespace weir::kill
