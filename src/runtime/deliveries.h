// What a session does about its triggers: turns what the ledger has ready into jobs of the
// dispatcher, and what comes of them into marks, history and the ledger's books. Lives on the
// shard's thread; the request of each attempt is made on the dispatcher's, from values of its own.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "catalog/spec.h"
#include "delivery/dispatcher.h"
#include "delivery/history.h"
#include "delivery/ledger.h"
#include "runtime/shard.h"
#include "runtime/task_store.h"

namespace weir::runtime {

class Deliveries {
 public:
  Deliveries(const catalog::BuiltMaterialization& built, const ShardOptions& options,
             const ShardDeps& deps, delivery::Ledger& ledger, std::uint64_t first_job);
  ~Deliveries();
  Deliveries(const Deliveries&) = delete;
  Deliveries& operator=(const Deliveries&) = delete;

  // Acts on what the user left behind while nothing ran (redeliver, discard).
  Status start(const StoreContents& contents);
  // Takes note of what ended, then starts what is ready (unless `stopping`). True if a request was
  // delivered. The error is that of an inline trigger whose failure fails the task.
  Result<bool> pump(bool stopping);
  // A commit is known: marks and user's records that it made superfluous go.
  Status committed();
  Result<std::string> carry_out(const Command& command);
  // No further attempt; true when none is under way.
  Result<bool> drain();
  void cancel_all();

  // A request failed and waits for its next attempt, or is parked.
  bool waits() const;
  // Nothing is in flight, ready or waiting: what is left is held back by timers, switched off or
  // orphaned.
  bool idle() const;
  // Open windows that interval holds back: for one line at the end.
  std::vector<std::string> held_back() const;
  // Why inline deliveries block: the trigger and its last failure.
  std::string inline_reason() const;
  std::vector<PendingStatus> pending() const;
  // Of this session's attempts: each trigger of the catalog.
  std::vector<AttemptCounts> attempts() const;

 private:
  struct Active;  // one trigger of the spec, made ready to render
  struct Flight;

  Status note_begun(const std::vector<delivery::UserRecord>& redeliveries);
  void park_again(const Parked& parked);
  Status act_on_words(const StoreContents& contents);
  Status begin(const delivery::Ready& ready);
  Result<bool> took(const delivery::Event& event);
  void note(Flight& flight, const delivery::Event& event, store::Batch& batch);
  Status note_delivered(const Flight& flight, store::Batch& batch);
  Status gave_up(const Flight& flight, const delivery::Event& event, store::Batch& batch);
  std::vector<delivery::UserRecord> named(const Command& command) const;
  Result<std::optional<delivery::UserRecord>> in_history(const std::string& request_id) const;
  Result<std::string> discard(const delivery::UserRecord& word);
  // `kept`: the word stands in the store already.
  Result<std::string> redeliver(const delivery::UserRecord& word, bool kept);
  Status note_redelivery(const delivery::UserRecord& word);
  // What is owed over this range now, if anything.
  const delivery::Window* owed_over(const delivery::RequestKey& key) const;
  bool owes(const delivery::UserRecord& word) const;
  std::string request_id_of(const std::string& identity, const delivery::Window& window) const;
  PendingStatus pending_of(const std::string& identity, const delivery::Owed& owed,
                           const delivery::Window& window, bool open) const;

  const catalog::BuiltMaterialization& built_;
  const ShardOptions& options_;
  const ShardDeps& deps_;
  delivery::Ledger& ledger_;
  std::map<std::string, std::shared_ptr<const Active>> active_;  // by identity
  std::map<std::uint64_t, std::unique_ptr<Flight>> flights_;     // by job
  std::uint64_t
      next_job_;  // begins at random, so that events of an earlier session's jobs are not mistaken
  std::optional<delivery::History> history_;
  std::map<std::string, AttemptCounts> counts_;  // by identity
  // By request id, not by range, which another transaction can have done again: the first attempt
  // in earlier sessions since the last outcome or the user's word.
  std::map<std::string, Timestamp> begun_;
  bool draining_ = false;
  std::optional<Error> unwritten_;  // a discard is in the ledger and not in the store
};

}  // namespace weir::runtime
