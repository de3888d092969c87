// Where rows go, seen from the runtime. One object is one opening of an endpoint (a session); it is
// used from one thread, in the order of the published protocol:
//
//   validate*                                    (may be called without open; must not change
//   anything) open { acknowledge  load*  flush  store*  finish_store  start_commit  persisted }*
//   close
//
// After an error of start_commit or acknowledge nobody knows whether the transaction took effect
// (unless the code is kRefused: it did not, and the fence belongs to another): the object is spent;
// open a new one and ask.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "protocol/checkpoint.h"
#include "protocol/spec.h"

namespace weir::connector {

// Who opens. Written into the destination beside the fence, so that a second opener can be told.
struct Owner {
  std::string task;
  std::string host;
  std::string boot_id;
  std::int64_t pid = 0;
  std::int64_t pid_started = 0;  // clock ticks since boot: tells a reused pid apart
  std::string state_id;          // identity of the state folder
  std::string since;             // timestamp
};

// What the opener found out about a former owner, told by the host: is that process of this host
// certainly dead?
using OwnerIsDead = std::function<bool(const Owner&)>;

struct OpenRequest {
  protocol::MaterializationSpec spec;
  // Per binding: what the template asks for. Where false, counts may be left out.
  std::vector<bool> count_changes;
  Owner owner;
  OwnerIsDead owner_is_dead;
  bool take_over = false;       // accept a living, unknown or foreign owner
  std::string connector_state;  // JSON; "{}" the first time
};

struct OpenedBinding {
  bool created = false;   // the table did not exist before: nothing is stored
  bool replaced = false;  // its backfill counter rose: rows and position start anew
};

struct Opened {
  // nullopt: the destination holds no checkpoint (class B). Present but empty: it would, and has
  // none yet (class A).
  std::optional<protocol::Checkpoint> checkpoint;
  bool foreign = false;  // the checkpoint or the fence was last written by another program; only
                         // with take_over
  bool disable_load_optimization = false;
  std::vector<OpenedBinding> bindings;
  std::string actions;  // what DDL was done, for the log; empty: none
};

struct LoadKey {
  std::uint32_t binding = 0;
  std::string_view key_packed;
};

// `doc_json` is valid during the call only.
using LoadedSink = std::function<Status(std::uint32_t binding, std::string_view doc_json)>;

enum class Exists {
  kNo,
  kYes,
  kUnknown
};  // unknown: the load was skipped; only for destinations that can upsert

struct StoreRow {
  std::uint32_t binding = 0;
  std::string_view key_packed;     // packed tuple of FieldSelection.keys
  std::string_view values_packed;  // packed tuple of FieldSelection.values
  std::string_view doc_json;       // empty unless FieldSelection.document is set
  Exists exists = Exists::kNo;
  bool deleted = false;
};

// Of one binding in this transaction; nullopt where not counted.
struct Counts {
  std::optional<std::uint64_t> inserted, updated, deleted, unchanged;
};

// An update of the connector state: a JSON text that replaces it or patches it (RFC 7396).
struct StateUpdate {
  std::string updated_json;
  bool merge_patch = false;
};

class Destination {
 public:
  virtual ~Destination() = default;

  // What the endpoint can do with each projection. Opens nothing for writing.
  virtual Result<std::vector<protocol::ValidatedBinding>> validate(
      const std::string& config_json, std::span<const protocol::ValidateBinding> bindings) = 0;

  // In one transaction of the endpoint: raises the fence, writes the owner, brings tables into
  // shape, reads the checkpoint. kRefused: another owner or a foreign table, and who; nothing was
  // changed. kInvalid: what cannot be changed in place, with the `backfill:` line to write.
  virtual Result<Opened> open(const OpenRequest& request) = 0;

  // Can rows be stored without knowing whether they exist?
  virtual bool can_upsert() const = 0;

  // Tells that the previous commit is known to be durable. Idempotent. Returns when it is done.
  virtual Result<std::optional<StateUpdate>> acknowledge() = 0;
  // Asks for documents by key; at most once per key and transaction.
  virtual Status load(std::span<const LoadKey> keys) = 0;
  // Answers of every load so far; keys that do not exist are left out; any order.
  virtual Result<std::optional<StateUpdate>> flush(const LoadedSink& loaded) = 0;
  // Sorted by (binding, key) over the whole transaction; each key once, but in delta-updates
  // bindings.
  virtual Status store(std::span<const StoreRow> rows) = 0;
  // After the last store: exact counts per binding.
  virtual Result<std::vector<Counts>> finish_store() = 0;
  // Class A: commits rows and checkpoint in one transaction, refused (kRefused) unless the fence is
  // ours.
  virtual Result<std::optional<StateUpdate>> start_commit(
      const protocol::Checkpoint& checkpoint) = 0;

  // For leaving an endpoint to another program: drops every mark of ours but the committed
  // checkpoint and the rows. Between transactions, after the commit of a checkpoint without weir's
  // entry. kRefused unless the fence is ours. The object is spent. Endpoints that keep no marks of
  // ours have nothing to do.
  virtual Status release_ownership() { return {}; }
  // Clean end: rolls back what is open, and marks the owner as closed.
  virtual Status close() = 0;
  // Gives up a running statement or wait; the one call that any thread may make.
  virtual void interrupt() = 0;
};

}  // namespace weir::connector
