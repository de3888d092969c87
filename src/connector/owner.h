// Who may open an endpoint that records its opener beside the fence. One rule for every destination
// that holds the checkpoint; pure, so that it can be read as a table in owner_test.cc.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "connector/destination.h"

namespace weir::connector {

// What an endpoint holds for a materialization before it is opened.
struct Claimed {
  bool fenced = false;         // there is a checkpoint row with a fence
  std::optional<Owner> owner;  // who raised the fence to the number it has; nullopt: not weir
  bool closed = false;         // that owner ended cleanly
};

struct Claim {
  bool foreign = false;  // another program raised the fence last; only with take_over
};

// May `request` open? Nothing there, a closed owner, a dead process of this host, or an earlier
// session of this very process and state folder: yes. A living process, one of another host that
// never closed, or another program: only with take_over, else kRefused, naming it and the way out.
// A process of this host is asked of `owner_is_dead`, which must take a differing boot id for dead.
Result<Claim> claim(const Claimed& found, const OpenRequest& request);

// "process 4242 on db1 since 2026-11-22T17:03:04.123456Z (task orders)": for messages.
std::string describe(const Owner& owner);

// kRefused for a session that finds the fence raised: names the new owner, or another program if
// nullopt.
Error fenced_off(std::string_view materialization, const std::optional<Owner>& now);

}  // namespace weir::connector
