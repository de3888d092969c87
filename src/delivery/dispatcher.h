// Hands requests over: attempts, backoff, verdicts on answers. Each delivery on its own; at most
// one per trigger is in flight, which the caller (the ledger) sees to. Knows no template and no
// transaction: a job makes its own HTTP request anew for each attempt, so that renewed tokens are
// read again.
//
// The object is driven by step(), from one thread; submit(), cancel() and take_events() may be
// called from others.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "base/wake.h"
#include "delivery/ledger.h"
#include "io/http_client.h"

namespace weir::delivery {

struct RetryPolicy {
  std::uint32_t attempts_max = 3;  // 0: no limit
  std::optional<std::chrono::milliseconds> give_up_after{};
  std::chrono::milliseconds first_delay{1'000};
  std::chrono::milliseconds max_delay{30'000};
  bool jitter = false;
};

// The wait before attempt `attempt` (2, 3, …): first_delay · 2^(attempt-2), capped; with jitter
// uniform in (0, that], never zero.
std::chrono::milliseconds backoff(const RetryPolicy& policy, std::uint32_t attempt,
                                  std::uint64_t random);

enum class Verdict { kDelivered, kRetry, kPermanent };
Verdict verdict_of(const io::HttpAnswer& answer);
// Seconds or an HTTP date, capped to kRetryAfterMax; nullopt where it cannot be read.
inline constexpr std::chrono::milliseconds kRetryAfterMax{3'600'000};
std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view value, Timestamp now);

// One request made ready to send, with what must not be seen of it should the receiver echo it.
struct Outgoing {
  // Hides the value of every header and the URL beyond its origin.
  Outgoing(io::HttpRequest http);  // NOLINT(google-explicit-constructor): a plain request will do
  Outgoing(io::HttpRequest http, std::vector<Secret> secrets)
      : request(std::move(http)), hidden(std::move(secrets)) {}
  io::HttpRequest request;
  std::vector<Secret> hidden;  // blanked in the response before anything keeps it
};

// Called on the dispatcher's thread, once per attempt. kInvalid: permanent. Other errors (a token
// file that is not there) are failed attempts.
using MakeRequest = std::function<Result<Outgoing>()>;

struct Job {
  std::uint64_t id = 0;  // the caller's
  RequestKey key;
  std::string label;     // of the trigger, for messages
  std::string endpoint;  // origin, as far as known; Retry-After pauses every job of the same one
  RetryPolicy retry;
  std::optional<Timestamp> not_before;
  std::optional<Timestamp>
      since;  // begin of the delivery in an earlier session: give_up_after counts from it
  MakeRequest make;
};

struct AttemptRecord {
  std::uint32_t attempt = 0;  // 1, 2, …
  Timestamp at{};
  int status = 0;
  std::string error{};  // words; no secrets: scheme and host of a URL only
  std::string
      response{};  // the beginning of the body, at most 1 KiB, printable; never of a success
  std::chrono::milliseconds took{0};
  std::uint64_t bytes = 0;
  std::optional<Timestamp> next_at{};  // of the next attempt
  std::chrono::microseconds resolved{0}, connected{0}, secured{0}, first_byte{0};
  friend bool operator==(const AttemptRecord&, const AttemptRecord&) = default;
};

struct Event {
  enum class Kind { kAttempt, kDelivered, kPermanent, kExhausted, kCancelled };
  Kind kind = Kind::kAttempt;
  std::uint64_t job = 0;
  RequestKey key;
  AttemptRecord record;  // of kAttempt; the last one otherwise
  std::string reason;    // of kPermanent, kExhausted: trigger, status and answer in one sentence
};

inline constexpr std::size_t kJobsMax = 16384;
inline constexpr std::size_t kInFlightMax = 256;  // attempts at once, over all triggers
inline constexpr std::size_t kEventsMax =
    2 * kJobsMax;  // while so many wait to be taken, no attempt starts
inline constexpr std::size_t kResponseKept = 1024;  // bytes of a response that a record keeps

class Dispatcher {
 public:
  // `changed` is notified whenever there are events to take.
  Dispatcher(io::HttpClient& client, const Clock& clock, Random random,
             std::function<void()> changed);
  ~Dispatcher();

  // The id must not be in use. kLimit beyond kJobsMax.
  Status submit(Job job);
  // No further attempt. `await`: one under way may still end (its outcome is told); otherwise its
  // connection is closed.
  void cancel(std::uint64_t job, bool await);
  // A waiting job's next attempt is due now, even if its endpoint is paused. Unknown ids are let
  // be.
  void hurry(std::uint64_t job);
  std::vector<Event> take_events();

  // Does what is due, polling the client for up to `wait`.
  void step(std::chrono::milliseconds wait);
  bool idle() const;  // nothing in flight and nothing waiting

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::delivery
