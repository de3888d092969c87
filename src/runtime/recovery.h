// Recovery: what a session starts from, given what the destination said and what the local store
// holds. Pure; the rules are those of section "Recovery" in docs/architecture.md. The destination
// decides, the store only subtracts.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "connector/destination.h"
#include "delivery/ledger.h"
#include "delivery/window.h"
#include "protocol/checkpoint.h"

namespace weir::runtime {

// Compares greater than every packed key: load always.
inline constexpr std::string_view kUnknownMaxKey = "\xff";

// What the runtime's own store remembers.
struct Remembered {
  std::optional<bool> runtime_holds_checkpoint;    // the class, once known
  std::optional<protocol::Checkpoint> checkpoint;  // class B
  std::map<std::string, std::string> max_keys;     // class B: state key → packed
  std::vector<delivery::Mark> marks;
  std::string confirmed_state;  // connector state; "{}" if none
  std::optional<std::pair<delivery::Tid, std::string>>
      state_in_doubt;                         // of a commit whose answer we do not know
  std::optional<std::string> trigger_params;  // what Estuary's runtime left
};

struct RecoveryInput {
  std::string materialization;
  const std::vector<protocol::Binding>* bindings = nullptr;  // active ones
  const connector::Opened* opened = nullptr;
  const Remembered* remembered = nullptr;
  const std::vector<delivery::TriggerTerms>* triggers = nullptr;
  bool take_over = false;
};

struct Recovered {
  bool runtime_holds_checkpoint = false;
  delivery::Entry base;                             // n = 0: nothing was ever committed
  std::map<std::string, protocol::Source> sources;  // of inactive bindings too
  std::vector<std::string> max_keys;                // per binding; "" = nothing stored
  std::string connector_state;                      // that belongs to the base
  std::vector<std::string> notices;                 // for the log, each a sentence
};

// kRefused: another program's checkpoint (or a newer weir's); kInvalid: the destination changed its
// class.
Result<Recovered> recover(const RecoveryInput& input);

}  // namespace weir::runtime
