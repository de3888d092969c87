#include "testing/fake_http.h"

#include <algorithm>

namespace weir::testing {

namespace {

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) ==
           std::tolower(static_cast<unsigned char>(y));
  });
}

}  // namespace

std::string SeenRequest::header(std::string_view name) const {
  for (const auto& [known, value] : headers) {
    if (same_name(known, name)) return value;
  }
  return "";
}

Reply reply(int status, std::string body) {
  Reply out;
  out.answer.status = status;
  out.answer.bytes = body.size();
  out.answer.body = std::move(body);
  return out;
}

Reply retry_later(int status, std::string retry_after) {
  Reply out = reply(status);
  out.answer.retry_after = std::move(retry_after);
  return out;
}

Reply lost() {
  Reply out{.kind = Reply::Kind::kLost, .answer = {}};
  out.answer.error = "no answer in time";
  return out;
}

Reply unseen() {
  Reply out{.kind = Reply::Kind::kUnseen, .answer = {}};
  out.answer.error = "connection refused";
  return out;
}

Reply held() {
  return {.kind = Reply::Kind::kHold, .answer = {}};
}

void FakeHttp::set_receiver(Receiver receiver) {
  std::lock_guard lock(mutex_);
  receiver_ = std::move(receiver);
}

void FakeHttp::script(const std::string& url_prefix, std::vector<Reply> replies) {
  std::lock_guard lock(mutex_);
  std::deque<Reply> queue(replies.begin(), replies.end());
  scripts_.emplace_back(url_prefix, std::move(queue));
}

bool FakeHttp::release(io::HttpAnswer answer) {
  {
    std::lock_guard lock(mutex_);
    if (held_.empty()) return false;
    answered_.push_back({held_.front(), std::move(answer)});
    held_.erase(held_.begin());
  }
  wake_.notify();
  return true;
}

std::size_t FakeHttp::held_exchanges() const {
  std::lock_guard lock(mutex_);
  return held_.size();
}

std::optional<io::ExchangeId> FakeHttp::oldest_held() const {
  std::lock_guard lock(mutex_);
  return held_.empty() ? std::nullopt : std::optional(held_.front());
}

std::size_t FakeHttp::most_together() const {
  std::lock_guard lock(mutex_);
  return most_together_;
}

std::size_t FakeHttp::in_flight() const {
  std::lock_guard lock(mutex_);
  return held_.size() + answered_.size();
}

std::vector<SeenRequest> FakeHttp::requests() const {
  std::lock_guard lock(mutex_);
  return seen_;
}

std::vector<SeenRequest> FakeHttp::take_requests() {
  std::lock_guard lock(mutex_);
  return std::exchange(seen_, {});
}

std::vector<io::ExchangeId> FakeHttp::cancelled() const {
  std::lock_guard lock(mutex_);
  return cancelled_;
}

void FakeHttp::forget() {
  std::lock_guard lock(mutex_);
  answered_.clear();
  held_.clear();
  under_way_.clear();
}

void FakeHttp::set_blocking(bool blocking) {
  std::lock_guard lock(mutex_);
  blocking_ = blocking;
}

Reply FakeHttp::next_reply(const SeenRequest& request) {
  for (auto& [prefix, replies] : scripts_) {
    if (replies.empty() || request.url.compare(0, prefix.size(), prefix) != 0) continue;
    Reply out = std::move(replies.front());
    replies.pop_front();
    return out;
  }
  return receiver_ ? receiver_(request) : reply(200);
}

void FakeHttp::start(io::ExchangeId id, io::HttpRequest request) {
  std::lock_guard lock(mutex_);
  SeenRequest seen{.exchange = id,
                   .method = std::move(request.method),
                   .url = std::string(request.url.reveal()),
                   .headers = {},
                   .body = std::string(request.body.reveal())};
  for (const auto& [name, value] : request.headers) {
    seen.headers.emplace_back(name, std::string(value.reveal()));
  }
  under_way_[id] = seen.url;
  const auto to = [&](const auto& exchange) { return exchange.second == seen.url; };
  const auto together = std::count_if(under_way_.begin(), under_way_.end(), to);
  most_together_ = std::max(most_together_, static_cast<std::size_t>(together));
  Reply answer = next_reply(seen);
  if (answer.kind != Reply::Kind::kUnseen) seen_.push_back(std::move(seen));
  if (answer.kind == Reply::Kind::kHold) {
    held_.push_back(id);
  } else {
    answered_.push_back({id, std::move(answer.answer)});
  }
}

void FakeHttp::cancel(io::ExchangeId id) {
  std::lock_guard lock(mutex_);
  cancelled_.push_back(id);
  under_way_.erase(id);
  std::erase(held_, id);
  std::erase_if(answered_, [&](const io::Exchanged& exchanged) { return exchanged.id == id; });
}

std::vector<io::Exchanged> FakeHttp::poll(std::chrono::milliseconds wait) {
  bool waits = false;
  {
    std::lock_guard lock(mutex_);
    waits = blocking_ && answered_.empty();
  }
  if (waits) wake_.wait(wait);
  std::lock_guard lock(mutex_);
  for (const io::Exchanged& exchanged : answered_) under_way_.erase(exchanged.id);
  return std::exchange(answered_, {});
}

void FakeHttp::wake() {
  wake_.notify();
}

}  // namespace weir::testing
