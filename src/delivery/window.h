// Windows: what a trigger owes. The facts of one or more committed transactions, over a half-open
// range of their numbers; requests are windows whose range is cut. The arithmetic is pure; the
// rules and their names are those of the protocol page in docs/architecture.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace weir::delivery {

inline constexpr std::string_view kEntryKey = "weir/owed/v1";
// Cut requests of a trigger in a committed entry before cutting stops; with mergePending: false
// requests that are cut as a part of the entry go on to the larger number.
inline constexpr std::size_t kCutMax = 8;
inline constexpr std::size_t kCutMaxUnmerged = 64;
inline constexpr std::size_t kOrphanedMax = 64;
inline constexpr std::size_t kEntryBytesMax = 4u << 20;
// From here on mergePending: false merges.
inline constexpr std::size_t kEntryBytesMerge = 1u << 20;
inline constexpr std::size_t kTriggerBindingsMax = 4096;  // triggers × bindings; E410 of a catalog
inline constexpr std::size_t kMaxKeyBytes = 1024;

// Identity of a transaction: a number done again has another session.
struct Tid {
  std::string session;  // 32 lower-case hex digits
  std::uint64_t n = 0;
  friend bool operator==(const Tid&, const Tid&) = default;
  friend auto operator<=>(const Tid&, const Tid&) = default;
};

struct TableFacts {
  std::uint32_t table = 0;  // index into Entry::tables
  std::uint64_t documents = 0;
  std::uint64_t stored = 0;
  std::optional<std::uint64_t> inserted{}, updated{}, deleted{},
      unchanged{};  // nullopt: not counted
  friend bool operator==(const TableFacts&, const TableFacts&) = default;
};

struct TableRef;

struct Window {
  std::uint64_t after = 0;
  std::uint64_t through = 0;
  std::string session;  // of transaction `through`
  bool due = false;
  bool parked = false;  // only cut ones
  Timestamp run_id{};   // strictly increasing for a task; of the first transaction
  Timestamp started{};
  Timestamp ended{};
  std::uint64_t clock_min = 0;  // document clocks; 0: none
  std::uint64_t clock_max = 0;
  std::vector<TableFacts> tables{};  // ascending by index
  Tid tid() const { return {session, through}; }
  friend bool operator==(const Window&, const Window&) = default;
};

// Adjacent windows only (WEIR_CHECK: older.through == newer.after). Union of tables with summed
// counts (a count that either side did not take stays null), smallest and largest clock, first
// start and run id, last end, due if either is.
Window merge(const Window& older, const Window& newer);
// Index of `table` in `tables`, appended where it is not there yet.
std::uint32_t table_index(std::vector<TableRef>& tables, const TableRef& table);
// The same window with its table indexes put through `to` (WEIR_CHECK: each is within it),
// ascending again.
Window renumbered(Window window, const std::vector<std::uint32_t>& to);

struct Owed {
  std::string label;  // the trigger's name, or method and origin: for people
  bool orphaned = false;
  std::vector<Window> cut{};     // ascending
  std::optional<Window> open{};  // grows until cut
  friend bool operator==(const Owed&, const Owed&) = default;
};

// A table that facts refer to: enough to render when its binding is gone.
struct TableRef {
  std::string state_key;
  std::vector<std::string> path;
  std::string collection;
  friend bool operator==(const TableRef&, const TableRef&) = default;
};

// The entry of the checkpoint's ack_intents under kEntryKey: all that triggers owe, and what
// recovery needs.
struct Entry {
  std::uint64_t n = 0;  // of the transaction that committed it; 0: none yet
  std::string session;
  Timestamp last_run_id{};
  // State key → packed bound; "\xff" = unknown, load always.
  std::map<std::string, std::string> max_keys{};
  std::vector<TableRef> tables{};
  std::map<std::string, Owed> triggers{};  // by identity (digest)
  Tid tid() const { return {session, n}; }
  friend bool operator==(const Entry&, const Entry&) = default;
};

// JSON, deterministic: equal entries have equal bytes; docs/formats.md. kLimit beyond
// kEntryBytesMax.
Result<std::string> encode(const Entry& entry);
// Strict: a member that this version does not know, a range that is not one, an index beyond the
// tables or anything else that encode() would not have written is kRefused, "written by a newer
// weir".
Result<Entry> decode_entry(std::string_view bytes);
// The entry among a checkpoint's ack_intents. nullopt: there is none. kRefused where it does not
// decode, or where another key of weir's own stands beside or instead of it.
Result<std::optional<Entry>> entry_of(const std::map<std::string, std::string>& ack_intents);

// Known to be delivered, or discarded by the user.
struct Mark {
  std::string trigger;
  std::uint64_t after = 0;
  std::uint64_t through = 0;
  Tid tid;
  Timestamp at{};
  bool discarded = false;
  friend bool operator==(const Mark&, const Mark&) = default;
};
bool covers(const Mark& mark, std::string_view trigger, const Window& window);

}  // namespace weir::delivery
