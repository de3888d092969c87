// The history of attempts in the local store, with the facts of their requests: what `triggers
// history` shows and `triggers redeliver` sends again. Bounded by age, number and bytes; never
// synced by itself.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "delivery/dispatcher.h"
#include "delivery/records.h"
#include "store/store.h"

namespace weir::delivery {

struct HistoryBounds {
  std::chrono::hours age{24 * 30};
  std::size_t records = 20'000;
  std::size_t bytes = 64u << 20;  // keys and values, facts included
};

// How an attempt ended, as `triggers history` says it.
std::string_view name_of(Event::Kind kind);  // "retry" "delivered" "failed" "exhausted" "cancelled"

struct HistoryRecord {
  RequestKey key;
  std::string label;
  std::string request_id;
  std::string revision;
  Event::Kind outcome = Event::Kind::kAttempt;
  AttemptRecord attempt;
  std::string reason;  // of failed and exhausted deliveries
  friend bool operator==(const HistoryRecord&, const HistoryRecord&) = default;
};
std::string encode(const HistoryRecord& record);
Result<HistoryRecord> decode_history_record(std::string_view text);

// Keeps an index of what is there, so that the oldest can go as the newest come. One per open
// store.
class History {
 public:
  // Records that cannot be read are dropped with the next batch: history is no authority.
  static Result<History> load(const store::Store& store, HistoryBounds bounds = {});

  // Puts the record, its request's facts with the first of them, and the removal of what is now out
  // of bounds.
  void add(const HistoryRecord& record, const Facts& facts, Timestamp now, store::Batch& batch);
  // Removes what became too old.
  void prune(Timestamp now, store::Batch& batch);

  std::size_t records() const { return rows_.size(); }
  std::size_t bytes() const { return bytes_; }

 private:
  struct Row {
    std::string key;
    Timestamp at{};
    std::size_t bytes = 0;
    std::string request_id;
  };
  struct Request {
    std::size_t records = 0;
    std::size_t bytes = 0;  // of its facts
  };
  explicit History(HistoryBounds bounds) : bounds_(bounds) {}
  void drop_oldest(store::Batch& batch);
  HistoryBounds bounds_;
  std::deque<Row> rows_;                     // oldest first
  std::map<std::string, Request> requests_;  // by request id
  std::vector<std::string> unreadable_;
  std::size_t bytes_ = 0;
  std::uint64_t sequence_ = 0;
};

// For looking: all attempts, oldest first. Unreadable ones are left out.
Result<std::vector<HistoryRecord>> read_history(const store::Store& store,
                                                const HistoryBounds& bounds = {});
// nullopt: never attempted, or pruned.
Result<std::optional<Facts>> read_facts(const store::Store& store, const std::string& request_id);

}  // namespace weir::delivery
