// An HTTP client without a network: receivers are functions. Records every request that a receiver
// saw, and answers in the order in which exchanges were started. Deterministic: poll() never waits,
// unless set_blocking() was called for tests with a real dispatcher thread.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/wake.h"
#include "io/http_client.h"

namespace weir::testing {

// A request as a receiver sees it; secrets are plain here.
struct SeenRequest {
  io::ExchangeId exchange = 0;
  std::string method;
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  // The value of the header of that name in any case, or "".
  std::string header(std::string_view name) const;
};

// What becomes of an exchange.
struct Reply {
  enum class Kind {
    kAnswer,  // seen and answered
    kLost,    // seen, but its answer is lost: the client gets `answer`, by default a time-out
    kUnseen,  // never arrives: the client gets `answer`, by default a refused connection
    kHold,    // seen; no answer before release()
  };
  Kind kind = Kind::kAnswer;
  io::HttpAnswer answer;
};
Reply reply(int status, std::string body = "");
Reply retry_later(int status, std::string retry_after);
Reply lost();
Reply unseen();
Reply held();

class FakeHttp : public io::HttpClient {
 public:
  using Receiver = std::function<Reply(const SeenRequest&)>;

  // Answers what no script covers; 200 by default.
  void set_receiver(Receiver receiver);
  // The next replies to requests whose URL starts with `url_prefix` ("" is every one), before the
  // receiver is asked.
  void script(const std::string& url_prefix, std::vector<Reply> replies);
  // Answers the oldest held exchange; false where none is held.
  bool release(io::HttpAnswer answer);
  std::size_t held_exchanges() const;
  std::optional<io::ExchangeId> oldest_held() const;
  std::size_t in_flight() const;
  // The most exchanges that ever were under way to one URL at once.
  std::size_t most_together() const;

  // Every request that a receiver saw, oldest first; take_ empties the list.
  std::vector<SeenRequest> requests() const;
  std::vector<SeenRequest> take_requests();
  std::vector<io::ExchangeId> cancelled() const;

  // The client's process died: exchanges under way end without an answer. What was seen stays seen.
  void forget();
  // poll() waits for an answer, a wake() or its time, as a real client does.
  void set_blocking(bool blocking);

  void start(io::ExchangeId id, io::HttpRequest request) override;
  void cancel(io::ExchangeId id) override;
  std::vector<io::Exchanged> poll(std::chrono::milliseconds wait) override;
  void wake() override;

 private:
  Reply next_reply(const SeenRequest& request);

  mutable std::mutex mutex_;
  WakeUp wake_;
  bool blocking_ = false;  // guarded by mutex_, as is what follows
  Receiver receiver_;
  std::vector<std::pair<std::string, std::deque<Reply>>> scripts_;
  std::vector<SeenRequest> seen_;
  std::vector<io::Exchanged> answered_;
  std::vector<io::ExchangeId> held_;
  std::map<io::ExchangeId, std::string> under_way_;  // to which URL
  std::size_t most_together_ = 0;
  std::vector<io::ExchangeId> cancelled_;
};

}  // namespace weir::testing
