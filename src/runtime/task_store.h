// The store of a task as the runtime uses it: what recovery needs of it, read at once, and what the
// session writes, put into batches. Keys are listed in store/keys.h, bytes in docs/formats.md.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "delivery/records.h"
#include "protocol/checkpoint.h"
#include "protocol/spec.h"
#include "runtime/recovery.h"
#include "store/store.h"

namespace weir::runtime {

struct Command;

// A request that was parked under these words. Unsynced; losing it means one more attempt.
struct Parked {
  delivery::RequestKey key;
  std::string session;  // of its last transaction
  std::string words;    // TriggerTerms::words at that time
};
void put_parked(store::Batch& batch, const Parked& parked);
void erase_parked(store::Batch& batch, const delivery::RequestKey& key);

// What of the store a session begins with.
struct StoreContents {
  Remembered remembered;
  std::map<std::string, std::string>
      parked_words;  // identity → words under which its requests were parked
  std::vector<Parked> parked;
  std::vector<delivery::UserRecord> redeliveries;  // the user's words, left while nothing ran
  std::vector<delivery::UserRecord> discards;
};
// Checks the format, too: kRefused where a newer weir wrote the store.
Result<StoreContents> read_contents(store::Store& store);

// ---- class B: the commit, and what goes before it ----
void put_checkpoint(store::Batch& batch, const protocol::Checkpoint& checkpoint);
void put_max_keys(store::Batch& batch, const std::map<std::string, std::string>& max_keys);

// ---- connector state ----
// Known to belong to the last committed transaction.
void put_confirmed_state(store::Batch& batch, std::string_view json);
// Of a commit whose outcome is not known yet.
void put_state_in_doubt(store::Batch& batch, const delivery::Tid& tid, std::string_view json);

// The specification that the last opening applied, secret locations blank. Unsynced: a destination
// that holds the checkpoint keeps a digest of its own, and what is applied there rules.
Status remember_applied(store::Store& store, const protocol::MaterializationSpec& spec);
// Bindings that an earlier opening applied, and whose tables `spec` does not speak of any more: as
// far as it is remembered. In the order of their state keys.
std::vector<protocol::Binding> inactive_bindings(const store::Store& store,
                                                 const protocol::MaterializationSpec& spec);
// Unsynced; does nothing where it is remembered already.
Status remember_class(store::Store& store, bool runtime_holds_checkpoint);
// The copy that `weir status` reads when nothing runs. Unsynced.
Status put_status_copy(store::Store& store, std::string_view json);
Result<std::optional<std::string>> read_status_copy(const store::Store& store);

// Keeps the user's word for the next session, synced, and says so. kNotFound: the copy of what is
// owed and the history know no such request.
Result<std::string> leave_word(store::Store& store, const Command& command, Timestamp now);

}  // namespace weir::runtime
