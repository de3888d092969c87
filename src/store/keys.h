// The keys of a task's store: the one list. Keys of weir's own start with "weir/", so that they can
// stand beside those that Estuary's runtime wrote into the same database; numbers inside keys are
// 16 hex digits, so that order of bytes is order of numbers. Formats of the values:
// delivery/records.h and docs/formats.md.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "store/store.h"

namespace weir::store {

inline constexpr std::uint32_t kFormatNumber = 1;

// ---- whole keys ----
inline constexpr std::string_view kFormat = "weir/format";
inline constexpr std::string_view kClass = "weir/class";
inline constexpr std::string_view kCheckpoint = "weir/checkpoint";
inline constexpr std::string_view kConnectorState = "weir/state";
inline constexpr std::string_view kConnectorStateInDoubt = "weir/state-in-doubt";
inline constexpr std::string_view kApplied = "weir/applied";
inline constexpr std::string_view kStatus = "weir/status";

// ---- prefixes ----
inline constexpr std::string_view kMaxKeys = "weir/max-key/";
inline constexpr std::string_view kMarks = "weir/mark/";
inline constexpr std::string_view kParked = "weir/parked/";
inline constexpr std::string_view kParkedWords = "weir/parked-words/";
inline constexpr std::string_view kRedeliveries = "weir/redeliver/";
inline constexpr std::string_view kDiscards = "weir/discard/";
inline constexpr std::string_view kHistory = "weir/history/";
inline constexpr std::string_view kFacts = "weir/facts/";

// ---- Estuary's, read and never written ----
inline constexpr std::string_view kEstuaryTriggerParams = "trigger-params";
inline constexpr std::string_view kEstuaryConnectorState = "connector-state";
inline constexpr std::string_view kEstuaryCheckpoint = "checkpoint";
inline constexpr std::string_view kEstuaryMaxKeys = "MK-v2:";

std::string hex16(std::uint64_t number);
std::string max_key_key(std::string_view state_key);
// Of one request of one trigger. Ascending by trigger, then through, then after.
std::string request_key(std::string_view prefix, std::string_view trigger, std::uint64_t after,
                        std::uint64_t through);
// Marks also tell transactions apart that were done again: …/{session}.
std::string mark_key(std::string_view trigger, std::uint64_t after, std::uint64_t through,
                     std::string_view session);
std::string parked_words_key(std::string_view trigger);
// A range that another transaction did again has another id, and facts of its own.
std::string facts_key(std::string_view request_id);
// Ascending by time; `sequence` keeps attempts of the same microsecond apart.
std::string history_key(Timestamp at, std::uint64_t sequence);

// One row of the list, for documentation and for tests.
struct KeyRow {
  std::string_view pattern;
  std::string_view value;
  std::string_view written;  // when, and whether synced
};
std::span<const KeyRow> key_table();

// Writes kFormat into an empty store; kRefused where a newer weir wrote it, kCorrupt where it is no
// number.
Status check_format(Store& store);

}  // namespace weir::store
