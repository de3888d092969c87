#include "delivery/window.h"

#include <algorithm>

#include "base/check.h"
#include "base/planted.h"

namespace weir::delivery {

namespace {

using Count = std::optional<std::uint64_t>;

// A sum is known only where both parts are.
Count sum(const Count& a, const Count& b) {
  return a && b ? Count(*a + *b) : std::nullopt;
}

TableFacts sum(const TableFacts& a, const TableFacts& b) {
  return {.table = a.table,
          .documents = a.documents + b.documents,
          .stored = a.stored + b.stored,
          .inserted = sum(a.inserted, b.inserted),
          .updated = sum(a.updated, b.updated),
          .deleted = sum(a.deleted, b.deleted),
          .unchanged = sum(a.unchanged, b.unchanged)};
}

// Sorts by index and adds up what stands twice.
void normalize(std::vector<TableFacts>& tables) {
  std::stable_sort(tables.begin(), tables.end(),
                   [](const TableFacts& a, const TableFacts& b) { return a.table < b.table; });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    if (kept > 0 && tables[kept - 1].table == tables[i].table) {
      tables[kept - 1] = sum(tables[kept - 1], tables[i]);
    } else {
      tables[kept++] = tables[i];
    }
  }
  tables.resize(kept);
}

// The smaller of two clocks, where 0 is none.
std::uint64_t smaller(std::uint64_t a, std::uint64_t b) {
  if (a == 0 || b == 0) return std::max(a, b);
  return std::min(a, b);
}

}  // namespace

Window merge(const Window& older, const Window& newer) {
  WEIR_CHECK(older.through == newer.after);
  Window out = older;
  if (planted(Bug::kMergeForgetsTables)) out.tables.clear();
  out.through = newer.through;
  out.session = newer.session;
  out.due = older.due || newer.due;
  out.parked = false;
  out.ended = std::max(older.ended, newer.ended);
  out.clock_min = smaller(older.clock_min, newer.clock_min);
  out.clock_max = std::max(older.clock_max, newer.clock_max);
  out.tables.insert(out.tables.end(), newer.tables.begin(), newer.tables.end());
  normalize(out.tables);
  return out;
}

std::uint32_t table_index(std::vector<TableRef>& tables, const TableRef& table) {
  const auto found = std::find(tables.begin(), tables.end(), table);
  if (found != tables.end()) return static_cast<std::uint32_t>(found - tables.begin());
  tables.push_back(table);
  return static_cast<std::uint32_t>(tables.size() - 1);
}

Window renumbered(Window window, const std::vector<std::uint32_t>& to) {
  for (TableFacts& facts : window.tables) {
    WEIR_CHECK(facts.table < to.size());
    facts.table = to[facts.table];
  }
  normalize(window.tables);
  return window;
}

bool covers(const Mark& mark, std::string_view trigger, const Window& window) {
  return mark.trigger == trigger && mark.after == window.after && mark.through == window.through &&
         mark.tid == window.tid();
}

}  // namespace weir::delivery
