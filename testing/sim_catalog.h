// The catalogs of simulated histories: a few tables and up to three triggers, drawn and edited at
// random. Parts are built once per process and put together, for building a catalog costs more than
// a whole history.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "catalog/spec.h"
#include "testing/world.h"

namespace weir::testing {

// Stands in every header and secret of these catalogs, and nowhere else.
inline constexpr std::string_view kCanary = "canary";

struct SimTrigger {
  enum class Exhausted { kFail, kPark, kDiscard };
  char letter = 'a';  // its receiver is http://a.test/hook
  int name = 0;       // 0: unnamed; renamed by counting up
  int words = 0;      // version of its template
  bool background = true;
  bool merges = true;
  bool interval = false;  // 10 minutes
  bool enabled = true;
  int attempts = 0;  // maxAttempts; 0: not written
  Exhausted exhausted = Exhausted::kPark;
};

struct SimCatalog {
  std::vector<SimTrigger> triggers;
  bool notes = false;     // a second table, last write wins
  bool sales = false;     // a third, delta updates
  bool excludes = false;  // `fields` leave a column of the first out
  int backfill = 0;       // of all tables

  // In words, for the list of steps.
  std::string describe() const;
};

SimCatalog draw_catalog(Random& random);
// One edit as a user makes it. `backfill`: the counter may be raised.
void edit_catalog(SimCatalog& catalog, Random& random, bool backfill);

// For that class of endpoint. Collections are shop/orders, shop/notes and shop/sales.
std::shared_ptr<const catalog::BuiltMaterialization> build(const SimCatalog& catalog,
                                                           Endpoint endpoint);

}  // namespace weir::testing
