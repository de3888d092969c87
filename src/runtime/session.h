// One opening of an endpoint: recovery, then transaction after transaction until it fails or is
// closed. Carries out what the pure transaction asks for, and keeps the ledger, the store and the
// dispatcher in step with it. Lives on the shard's thread. After any error it is spent.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "catalog/spec.h"
#include "connector/destination.h"
#include "delivery/ledger.h"
#include "document/combiner.h"
#include "runtime/binding_plan.h"
#include "runtime/connector_state.h"
#include "runtime/deliveries.h"
#include "runtime/key_bounds.h"
#include "runtime/load_list.h"
#include "runtime/recovery.h"
#include "runtime/shard.h"
#include "runtime/sources.h"
#include "runtime/task_store.h"
#include "runtime/transaction.h"

namespace weir::runtime {

class Session {
 public:
  Session(const catalog::BuiltMaterialization& built, const ShardOptions& options,
          const ShardDeps& deps, Random& random);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Steps 2 and 3 of the protocol: raise the fence, read what is there, recover. The first
  // acknowledgement comes with the first step().
  Status open();

  struct Progress {
    bool worked = false;  // ask again at once
    std::optional<Instant> wait_until;
    bool stopped = false;  // nothing open, and stop was asked for
  };
  // Does one step. `stopping`: finish the transaction in hand and begin none.
  Result<Progress> step(bool stopping);
  void arrived() { arrived_ = true; }
  // The user's words; a sentence in answer.
  Result<std::string> carry_out(const Command& command);

  // No further attempt begins; takes note of those that end. True when none is under way any more.
  Result<bool> drain();
  // Ends the session, rolling back what is open; also one whose open() or step() failed.
  Status close();
  // Commits a checkpoint without weir's entry, for another program to go on from. Nothing may be
  // owed, unless `discard`.
  Status leave(bool discard);

  // Up to where everything read is committed; empty while it is not open.
  const std::map<std::string, protocol::Source>& committed_sources() const {
    return committed_sources_;
  }
  bool opened() const { return sources_ != nullptr; }
  std::uint64_t documents() const { return documents_; }
  std::uint64_t rows() const { return rows_; }
  // Did a commit or a delivery succeed since the last call?
  bool take_progressed();
  // Everything that can be read now is committed, and no step is left to do.
  bool caught_up() const;
  std::vector<AttemptCounts> attempts() const;  // of this session; none before it is open
  const Deliveries& deliveries() const { return *deliveries_; }
  void fill(TaskStatus* status) const;

 private:
  View look(bool stopping) const;
  Status carry_out(Step step);
  Status start(Recovered recovered, const StoreContents& contents);

  Status read();
  Status flush();
  Status persist();
  Status store();
  Status compose();
  Status start_commit();
  Status persist_commit();
  Status acknowledge();
  Status release();

  Status add(std::uint32_t binding, const journal::Document& document,
             const document::Buffer& buffer);
  Status send_loads();
  Status store_row(const document::Drained& drained);
  Error located(const Error& error);
  delivery::TransactionFacts facts() const;
  std::map<std::string, std::string> max_keys() const;
  std::vector<delivery::TableRef> tables() const;

  const catalog::BuiltMaterialization& built_;
  const ShardOptions& options_;
  const ShardDeps& deps_;
  Random& random_;
  protocol::MaterializationSpec spec_;  // with the bindings that became inactive
  std::string id_;  // 32 hex digits: tells apart two attempts at the same transaction number

  std::unique_ptr<connector::Destination> destination_;
  std::unique_ptr<document::Combiner> combiner_;
  std::unique_ptr<Sources> sources_;
  std::map<std::string, protocol::Source> committed_sources_;
  std::vector<std::shared_ptr<const json::Schema>> schemas_;  // per binding
  std::unique_ptr<Transaction> transaction_;
  std::unique_ptr<delivery::Ledger> ledger_;
  std::unique_ptr<Deliveries> deliveries_;
  std::unique_ptr<KeyBounds> bounds_;
  std::unique_ptr<ConnectorState> state_;
  bool state_in_doubt_ = false;
  bool runtime_holds_checkpoint_ = false;
  bool disable_load_optimization_ = false;

  // Of the open transaction.
  LoadList loads_;
  std::vector<BindingActivity> activity_;
  Timestamp started_{};
  Timestamp last_stored_{};
  std::vector<connector::Counts> counts_;
  protocol::Checkpoint composed_;

  bool arrived_ = false;
  bool progressed_ = false;
  std::uint64_t documents_ = 0;
  std::uint64_t rows_ = 0;
  std::optional<Timestamp> committed_at_;
};

}  // namespace weir::runtime
